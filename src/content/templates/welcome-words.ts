import type { Locale } from '../../platform/locale.ts';

/** What the welcome says. */
export interface WelcomeWords {
  subject: string;
  preheader: string;
  kicker: string;
  title: string;
  lead: string;
  intro: string;
  steps: readonly { title: string; text: string }[];
  button: string;
  help: string;
  greeting: string;
  team: string;
}

const en: WelcomeWords = {
  subject: 'Welcome to {{ brand.name }}, {{ person.firstName | default: "and hello" }}',
  preheader: 'Three steps that make the first week count.',
  kicker: 'Welcome',
  title: 'Good to have you with us',
  lead: 'Three steps make the first week count. Each takes a few minutes.',
  intro:
    'Hello {{ person.firstName | default: "there" }}, here is how teams like the one at {{ account.name }} get going:',
  steps: [
    {
      title: 'Protect your first machine',
      text: 'Install the agent and run one backup, so that you see it work from end to end.',
    },
    { title: 'Invite your colleagues', text: 'Add whoever should be told when something needs attention.' },
    {
      title: 'Restore one file',
      text: 'A backup is as good as its restore. Try it once while nothing is at stake.',
    },
  ],
  button: 'Open the portal',
  help: 'Stuck somewhere? Reply to this mail. A person reads it.',
  greeting: 'To a good start',
  team: 'Your team at {{ brand.name }}',
};

const es: WelcomeWords = {
  subject: 'Le damos la bienvenida a {{ brand.name }}',
  preheader: 'Tres pasos para aprovechar la primera semana.',
  kicker: 'Bienvenida',
  title: 'Nos alegra que esté aquí',
  lead: 'Tres pasos para aprovechar la primera semana. Cada uno lleva unos minutos.',
  intro:
    'Hola, {{ person.firstName | default: "¿qué tal?" }}: así empiezan los equipos como el de {{ account.name }}.',
  steps: [
    {
      title: 'Proteja su primer equipo',
      text: 'Instale el agente y haga una copia de seguridad para ver que todo funciona.',
    },
    {
      title: 'Invite a sus compañeros',
      text: 'Añada a quienes deben enterarse cuando algo requiera atención.',
    },
    {
      title: 'Restaure un archivo',
      text: 'Una copia vale lo que vale su restauración. Pruébela ahora que no hay prisa.',
    },
  ],
  button: 'Abrir el portal',
  help: '¿Alguna duda? Responda a este correo. Lo lee una persona.',
  greeting: 'Que empiece con buen pie',
  team: 'Su equipo de {{ brand.name }}',
};

export const welcomeWords: Record<Locale, WelcomeWords> = {
  en,
  'en-GB': en,
  'en-AU': en,
  de: {
    subject: 'Willkommen bei {{ brand.name }}',
    preheader: 'Drei Schritte für eine gute erste Woche.',
    kicker: 'Willkommen',
    title: 'Schön, dass Sie da sind',
    lead: 'Drei Schritte für eine gute erste Woche. Jeder dauert ein paar Minuten.',
    intro: 'Guten Tag {{ person.name }}, so beginnen Teams wie das von {{ account.name }}:',
    steps: [
      {
        title: 'Den ersten Rechner schützen',
        text: 'Installieren Sie den Agenten und sichern Sie einmal, damit Sie alles von Anfang bis Ende sehen.',
      },
      {
        title: 'Kolleginnen und Kollegen einladen',
        text: 'Fügen Sie hinzu, wer erfahren soll, wenn etwas Aufmerksamkeit braucht.',
      },
      {
        title: 'Eine Datei wiederherstellen',
        text: 'Eine Sicherung ist so gut wie ihre Wiederherstellung. Probieren Sie es, solange nichts auf dem Spiel steht.',
      },
    ],
    button: 'Portal öffnen',
    help: 'Kommen Sie nicht weiter? Antworten Sie auf diese E-Mail. Ein Mensch liest sie.',
    greeting: 'Auf einen guten Start',
    team: 'Ihr Team von {{ brand.name }}',
  },
  es,
  'es-419': {
    ...es,
    steps: [
      {
        title: 'Proteja su primera computadora',
        text: 'Instale el agente y haga un respaldo para ver que todo funciona.',
      },
      {
        title: 'Invite a sus compañeros',
        text: 'Agregue a quienes deben enterarse cuando algo requiera atención.',
      },
      {
        title: 'Restaure un archivo',
        text: 'Un respaldo vale lo que vale su restauración. Pruébela ahora que no hay prisa.',
      },
    ],
  },
  fr: {
    subject: 'Bienvenue chez {{ brand.name }}',
    preheader: 'Trois étapes pour une bonne première semaine.',
    kicker: 'Bienvenue',
    title: 'Ravis de vous compter parmi nous',
    lead: 'Trois étapes pour une bonne première semaine. Chacune prend quelques minutes.',
    intro:
      'Bonjour {{ person.firstName | default: "à vous" }}, voici comment démarrent les équipes comme celle de {{ account.name }} :',
    steps: [
      {
        title: 'Protégez une première machine',
        text: 'Installez l’agent et lancez une sauvegarde, pour tout voir fonctionner de bout en bout.',
      },
      {
        title: 'Invitez vos collègues',
        text: 'Ajoutez les personnes à prévenir lorsque quelque chose demande de l’attention.',
      },
      {
        title: 'Restaurez un fichier',
        text: 'Une sauvegarde vaut ce que vaut sa restauration. Essayez tant que rien n’est en jeu.',
      },
    ],
    button: 'Ouvrir le portail',
    help: 'Un blocage ? Répondez à ce message. Une personne le lit.',
    greeting: 'Bon démarrage',
    team: 'Votre équipe {{ brand.name }}',
  },
  it: {
    subject: 'Benvenuto in {{ brand.name }}',
    preheader: 'Tre passi per una buona prima settimana.',
    kicker: 'Benvenuto',
    title: 'Che bello averti con noi',
    lead: 'Tre passi per una buona prima settimana. Ognuno richiede pochi minuti.',
    intro:
      'Ciao {{ person.firstName | default: "a te" }}, ecco come iniziano i team come quello di {{ account.name }}:',
    steps: [
      {
        title: 'Proteggi la prima macchina',
        text: 'Installa l’agente ed esegui un backup, per vedere che tutto funziona.',
      },
      { title: 'Invita i colleghi', text: 'Aggiungi chi deve sapere quando qualcosa richiede attenzione.' },
      {
        title: 'Ripristina un file',
        text: 'Un backup vale quanto il suo ripristino. Provalo finché non c’è nulla in gioco.',
      },
    ],
    button: 'Apri il portale',
    help: 'Hai un dubbio? Rispondi a questa e-mail. La legge una persona.',
    greeting: 'Buon inizio',
    team: 'Il tuo team di {{ brand.name }}',
  },
  ja: {
    subject: '{{ brand.name }} へようこそ',
    preheader: '最初の一週間を活かす3つのステップ。',
    kicker: 'ようこそ',
    title: 'ご利用ありがとうございます',
    lead: '最初の一週間を活かす3つのステップです。それぞれ数分で終わります。',
    intro: '{{ person.name }} 様、{{ account.name }} のようなチームは次のように始めています。',
    steps: [
      {
        title: '最初の1台を保護する',
        text: 'エージェントを導入してバックアップを1回実行し、全体の流れを確認します。',
      },
      { title: '同僚を招待する', text: '対応が必要なときに知らせる方を追加します。' },
      {
        title: 'ファイルを1つ復元する',
        text: 'バックアップの価値は復元で決まります。余裕のあるうちに一度お試しください。',
      },
    ],
    button: 'ポータルを開く',
    help: 'お困りのことがあれば、このメールにご返信ください。担当者が拝見します。',
    greeting: 'どうぞよろしくお願いいたします。',
    team: '{{ brand.name }} チーム',
  },
  pt: {
    subject: 'Boas-vindas à {{ brand.name }}',
    preheader: 'Três passos para uma boa primeira semana.',
    kicker: 'Boas-vindas',
    title: 'Que bom ter você aqui',
    lead: 'Três passos para uma boa primeira semana. Cada um leva poucos minutos.',
    intro:
      'Olá, {{ person.firstName | default: "tudo bem?" }} Veja como começam equipes como a da {{ account.name }}:',
    steps: [
      {
        title: 'Proteja a primeira máquina',
        text: 'Instale o agente e faça um backup, para ver tudo funcionar de ponta a ponta.',
      },
      { title: 'Convide seus colegas', text: 'Adicione quem deve saber quando algo precisar de atenção.' },
      {
        title: 'Restaure um arquivo',
        text: 'Um backup vale o que vale sua restauração. Experimente enquanto nada está em jogo.',
      },
    ],
    button: 'Abrir o portal',
    help: 'Alguma dúvida? Responda a este e-mail. Uma pessoa lê.',
    greeting: 'Um bom começo',
    team: 'Sua equipe da {{ brand.name }}',
  },
};
