import type { Generated } from 'kysely';

export type TokenPurpose = 'sign-up' | 'password-reset' | 'email-change';
export type SignUpState = 'matched' | 'waiting' | 'unmatched' | 'refused';

declare module '../platform/db.ts' {
  interface Tables {
    credentials: { person_id: string; password_hash: string; changed_at: Date };
    second_factors: {
      person_id: string;
      sealed_secret: string;
      confirmed_at: Date | null;
      last_step: Generated<number>;
    };
    recovery_codes: { person_id: string; code_hash: Buffer; used_at: Date | null };
    email_tokens: {
      token_hash: Buffer;
      purpose: TokenPurpose;
      email: string;
      person_id: string | null;
      data: unknown;
      created_at: Date;
      expires_at: Date;
      used_at: Date | null;
    };
    sign_ups: {
      id: Generated<string>;
      person_id: string;
      company: string;
      state: SignUpState;
      candidates: string[];
      settled_by: string | null;
      settled_at: Date | null;
      created_at: Date;
    };
    sessions: { sid: string; sess: Record<string, unknown>; expire: Date; seen_at: Generated<Date> };
    rate_limits: { key: string; points: Generated<number>; expire: number | null };
    security_events: {
      id: Generated<number>;
      person_id: string | null;
      kind: string;
      address: string | null;
      user_agent: string | null;
      recorded_at: Date;
    };
  }
}
