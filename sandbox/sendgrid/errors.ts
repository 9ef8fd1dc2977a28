/** One complaint of SendGrid about a request. */
export interface SendGridError {
  message: string;
  field: string | null;
  help: string | null;
}

const documentation = 'http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html';

/** A complaint about a field, with the anchor of SendGrid's page about it. */
export const complaint = (field: string, message: string, anchor: string): SendGridError => ({
  message,
  field,
  help: `${documentation}#message.${anchor}`,
});

/** A complaint about the request as a whole. */
export const refusal = (message: string): SendGridError => ({ message, field: null, help: null });
