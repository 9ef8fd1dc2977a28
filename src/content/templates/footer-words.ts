import type { Locale } from '../../platform/locale.ts';

interface FooterWords {
  /** Why somebody gets the mail: as somebody who works with a customer, or because it concerns their service. */
  customer: string;
  service: string;
  preferences: string;
  unsubscribe: string;
}

const en: FooterWords = {
  customer: 'You are getting this because {{ account.name }} works with {{ brand.name }}.',
  service: 'This message is about a service that {{ account.name }} uses.',
  preferences: 'Choose what you get',
  unsubscribe: 'Unsubscribe',
};

const es: FooterWords = {
  customer: 'Recibe este mensaje porque {{ account.name }} trabaja con {{ brand.name }}.',
  service: 'Este mensaje trata de un servicio que utiliza {{ account.name }}.',
  preferences: 'Elegir qué recibir',
  unsubscribe: 'Cancelar suscripción',
};

export const footerWords: Record<Locale, FooterWords> = {
  en,
  'en-GB': en,
  'en-AU': en,
  de: {
    customer: 'Sie erhalten diese Nachricht, weil {{ account.name }} mit {{ brand.name }} arbeitet.',
    service: 'Diese Nachricht betrifft einen Dienst, den {{ account.name }} nutzt.',
    preferences: 'Auswählen, was Sie erhalten',
    unsubscribe: 'Abmelden',
  },
  es,
  'es-419': es,
  fr: {
    customer: 'Vous recevez ce message parce que {{ account.name }} travaille avec {{ brand.name }}.',
    service: 'Ce message concerne un service que {{ account.name }} utilise.',
    preferences: 'Choisir ce que vous recevez',
    unsubscribe: 'Se désabonner',
  },
  it: {
    customer: 'Ricevi questo messaggio perché {{ account.name }} lavora con {{ brand.name }}.',
    service: 'Questo messaggio riguarda un servizio che {{ account.name }} utilizza.',
    preferences: 'Scegli cosa ricevere',
    unsubscribe: 'Annulla l’iscrizione',
  },
  ja: {
    customer: '{{ account.name }} が {{ brand.name }} をご利用のため、このメールをお送りしています。',
    service: 'このメールは {{ account.name }} がご利用のサービスについてのお知らせです。',
    preferences: '受け取る内容を選ぶ',
    unsubscribe: '配信を停止',
  },
  pt: {
    customer: 'Você recebe esta mensagem porque {{ account.name }} trabalha com {{ brand.name }}.',
    service: 'Esta mensagem trata de um serviço que {{ account.name }} usa.',
    preferences: 'Escolher o que receber',
    unsubscribe: 'Cancelar inscrição',
  },
};
