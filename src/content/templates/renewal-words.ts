import type { Locale } from '../../platform/locale.ts';

/** What the reminder of a renewal says. */
export interface RenewalWords {
  subject: string;
  preheader: string;
  kicker: string;
  title: string;
  hello: string;
  intro: string;
  /** Beneath the day itself. */
  day: string;
  listed: string;
  after: string;
  button: string;
  greeting: string;
  team: string;
  ends: string;
  none: string;
}

const en: RenewalWords = {
  subject: 'Your renewal on {{ account.renewalOn | default: "the horizon" }}',
  preheader: 'What is due, and how to keep updates and support without a gap.',
  kicker: 'Renewal',
  title: 'Your renewal is coming up',
  hello: 'Hello {{ person.firstName | default: "there" }},',
  intro:
    'Support and maintenance for {{ account.name }} will soon be due. Renewing in time keeps updates, fixes and our help desk available to your team without a gap.',
  day: 'Day of renewal',
  listed: 'What is due within 90 days',
  after:
    'If anything has changed – more people, fewer servers, another edition – just reply to this mail and we will adapt the offer.',
  button: 'See your licenses',
  greeting: 'Kind regards',
  team: 'Your team at {{ brand.name }}',
  ends: 'Support until',
  none: 'Nothing is due within the next 90 days.',
};

const british: RenewalWords = { ...en, button: 'See your licences' };

const es: RenewalWords = {
  subject: 'Su renovación del {{ account.renewalOn | default: "próximo período" }}',
  preheader: 'Qué vence y cómo mantener actualizaciones y soporte sin interrupción.',
  kicker: 'Renovación',
  title: 'Se acerca su renovación',
  hello: 'Hola, {{ person.firstName | default: "¿qué tal?" }}:',
  intro:
    'El soporte y mantenimiento de {{ account.name }} vencerá pronto. Si renueva a tiempo, su equipo conserva las actualizaciones, las correcciones y nuestra asistencia sin interrupción.',
  day: 'Fecha de renovación',
  listed: 'Qué vence en los próximos 90 días',
  after:
    'Si algo ha cambiado (más personas, menos servidores, otra edición), responda a este correo y adaptaremos la oferta.',
  button: 'Ver sus licencias',
  greeting: 'Un cordial saludo',
  team: 'Su equipo de {{ brand.name }}',
  ends: 'Soporte hasta',
  none: 'No vence nada en los próximos 90 días.',
};

export const renewalWords: Record<Locale, RenewalWords> = {
  en,
  'en-GB': british,
  'en-AU': british,
  de: {
    subject: 'Ihre Verlängerung am {{ account.renewalOn | default: "nächsten Termin" }}',
    preheader: 'Was ansteht und wie Updates und Support lückenlos weiterlaufen.',
    kicker: 'Verlängerung',
    title: 'Ihre Verlängerung steht an',
    hello: 'Guten Tag {{ person.name }},',
    intro:
      'Support und Wartung für {{ account.name }} laufen bald aus. Mit einer rechtzeitigen Verlängerung behält Ihr Team Updates, Korrekturen und unseren Helpdesk ohne Unterbrechung.',
    day: 'Tag der Verlängerung',
    listed: 'Was in den nächsten 90 Tagen ausläuft',
    after:
      'Hat sich etwas geändert – mehr Personen, weniger Server, eine andere Edition? Antworten Sie einfach auf diese E-Mail, und wir passen das Angebot an.',
    button: 'Ihre Lizenzen ansehen',
    greeting: 'Freundliche Grüße',
    team: 'Ihr Team von {{ brand.name }}',
    ends: 'Support bis',
    none: 'In den nächsten 90 Tagen läuft nichts aus.',
  },
  es,
  'es-419': {
    ...es,
    after:
      'Si algo cambió (más personas, menos servidores, otra edición), responda a este correo y ajustaremos la oferta.',
  },
  fr: {
    subject: 'Votre renouvellement du {{ account.renewalOn | default: "prochain terme" }}',
    preheader: 'Ce qui arrive à échéance, et comment garder mises à jour et support sans interruption.',
    kicker: 'Renouvellement',
    title: 'Votre renouvellement approche',
    hello: 'Bonjour {{ person.firstName | default: "à vous" }},',
    intro:
      'Le support et la maintenance de {{ account.name }} arrivent bientôt à échéance. En renouvelant à temps, votre équipe garde les mises à jour, les correctifs et notre assistance sans interruption.',
    day: 'Date de renouvellement',
    listed: 'Ce qui arrive à échéance sous 90 jours',
    after:
      'Quelque chose a changé : plus de personnes, moins de serveurs, une autre édition ? Répondez à ce message et nous adapterons l’offre.',
    button: 'Voir vos licences',
    greeting: 'Bien cordialement',
    team: 'Votre équipe {{ brand.name }}',
    ends: 'Support jusqu’au',
    none: 'Rien n’arrive à échéance dans les 90 prochains jours.',
  },
  it: {
    subject: 'Il tuo rinnovo del {{ account.renewalOn | default: "prossimo periodo" }}',
    preheader: 'Cosa scade e come mantenere aggiornamenti e assistenza senza interruzioni.',
    kicker: 'Rinnovo',
    title: 'Il rinnovo si avvicina',
    hello: 'Ciao {{ person.firstName | default: "a te" }},',
    intro:
      'L’assistenza e la manutenzione di {{ account.name }} stanno per scadere. Rinnovando per tempo, il tuo team conserva aggiornamenti, correzioni e il nostro supporto senza interruzioni.',
    day: 'Data del rinnovo',
    listed: 'Cosa scade entro 90 giorni',
    after:
      'È cambiato qualcosa: più persone, meno server, un’altra edizione? Rispondi a questa e-mail e adatteremo l’offerta.',
    button: 'Vedi le tue licenze',
    greeting: 'Cordiali saluti',
    team: 'Il tuo team di {{ brand.name }}',
    ends: 'Assistenza fino al',
    none: 'Nulla scade nei prossimi 90 giorni.',
  },
  ja: {
    subject: '{{ account.renewalOn | default: "次回" }}の更新のご案内',
    preheader: '期限を迎える内容と、アップデートとサポートを途切れさせない方法。',
    kicker: '更新のご案内',
    title: '更新日が近づいています',
    hello: '{{ person.name }} 様',
    intro:
      '{{ account.name }} のサポートとメンテナンスがまもなく期限を迎えます。期限内に更新いただくと、アップデート、修正、ヘルプデスクを途切れなくご利用いただけます。',
    day: '更新日',
    listed: '90日以内に期限を迎えるもの',
    after:
      '人数、サーバー台数、エディションなどに変更がありましたら、このメールにご返信ください。内容を調整いたします。',
    button: 'ライセンスを確認する',
    greeting: 'よろしくお願いいたします。',
    team: '{{ brand.name }} チーム',
    ends: 'サポート期限',
    none: '90日以内に期限を迎えるものはありません。',
  },
  pt: {
    subject: 'Sua renovação em {{ account.renewalOn | default: "breve" }}',
    preheader: 'O que vence e como manter atualizações e suporte sem interrupção.',
    kicker: 'Renovação',
    title: 'Sua renovação está chegando',
    hello: 'Olá, {{ person.firstName | default: "tudo bem?" }}',
    intro:
      'O suporte e a manutenção da {{ account.name }} vencem em breve. Renovando a tempo, sua equipe mantém atualizações, correções e nosso atendimento sem interrupção.',
    day: 'Data da renovação',
    listed: 'O que vence em até 90 dias',
    after:
      'Algo mudou: mais pessoas, menos servidores, outra edição? Responda a este e-mail e ajustaremos a proposta.',
    button: 'Ver suas licenças',
    greeting: 'Atenciosamente',
    team: 'Sua equipe da {{ brand.name }}',
    ends: 'Suporte até',
    none: 'Nada vence nos próximos 90 dias.',
  },
};
