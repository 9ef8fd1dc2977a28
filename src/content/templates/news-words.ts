import type { Locale } from '../../platform/locale.ts';

/** What the product news says. */
export interface NewsWords {
  subject: string;
  preheader: string;
  kicker: string;
  title: string;
  lead: string;
  hello: string;
  intro: string;
  button: string;
  others: readonly { title: string; text: string }[];
  rest: string;
}

const en: NewsWords = {
  subject: 'New: restores that explain themselves',
  preheader: 'And two smaller things that your team has asked for.',
  kicker: 'What’s new',
  title: 'Restores that explain themselves',
  lead: 'See what will be restored, where to, and how long it takes, before you press the button.',
  hello: 'Hello {{ person.firstName | default: "there" }},',
  intro:
    'Until now, a restore began with a guess. From this release on, it begins with a preview: files, sizes, owners, and what would be overwritten.',
  button: 'See how it works',
  others: [
    {
      title: 'Alerts with a reason',
      text: 'An alert now says what changed since the last good run, so that you can tell a full disk from a lost password at a glance.',
    },
    {
      title: 'Quieter weekends',
      text: 'Choose when checks may run. Whatever waits is caught up with on Monday, in order of importance.',
    },
  ],
  rest: 'Everything else is in the release notes, which you find in your portal.',
};

const es: NewsWords = {
  subject: 'Novedad: restauraciones que se explican solas',
  preheader: 'Y dos mejoras más que su equipo había pedido.',
  kicker: 'Novedades',
  title: 'Restauraciones que se explican solas',
  lead: 'Vea qué se restaurará, dónde y cuánto tardará, antes de pulsar el botón.',
  hello: 'Hola, {{ person.firstName | default: "¿qué tal?" }}:',
  intro:
    'Hasta ahora, una restauración empezaba con una suposición. Desde esta versión empieza con una vista previa: archivos, tamaños, propietarios y lo que se sobrescribiría.',
  button: 'Ver cómo funciona',
  others: [
    {
      title: 'Alertas con motivo',
      text: 'Cada alerta dice qué cambió desde la última ejecución correcta, para distinguir de un vistazo un disco lleno de una contraseña perdida.',
    },
    {
      title: 'Fines de semana tranquilos',
      text: 'Elija cuándo pueden ejecutarse las comprobaciones. Lo pendiente se recupera el lunes, por orden de importancia.',
    },
  ],
  rest: 'Todo lo demás está en las notas de la versión, en su portal.',
};

export const newsWords: Record<Locale, NewsWords> = {
  en,
  'en-GB': en,
  'en-AU': en,
  de: {
    subject: 'Neu: Wiederherstellungen, die sich selbst erklären',
    preheader: 'Und zwei kleinere Dinge, um die Ihr Team gebeten hat.',
    kicker: 'Neuigkeiten',
    title: 'Wiederherstellungen, die sich selbst erklären',
    lead: 'Sehen Sie, was wohin wiederhergestellt wird und wie lange es dauert, bevor Sie den Knopf drücken.',
    hello: 'Guten Tag {{ person.name }},',
    intro:
      'bisher begann eine Wiederherstellung mit einer Vermutung. Ab dieser Version beginnt sie mit einer Vorschau: Dateien, Größen, Eigentümer und was überschrieben würde.',
    button: 'So funktioniert es',
    others: [
      {
        title: 'Warnungen mit Grund',
        text: 'Eine Warnung sagt jetzt, was sich seit dem letzten guten Lauf geändert hat. So unterscheiden Sie eine volle Platte von einem verlorenen Passwort auf einen Blick.',
      },
      {
        title: 'Ruhigere Wochenenden',
        text: 'Legen Sie fest, wann Prüfungen laufen dürfen. Was wartet, wird am Montag nachgeholt, das Wichtigste zuerst.',
      },
    ],
    rest: 'Alles Weitere steht in den Versionshinweisen in Ihrem Portal.',
  },
  es,
  'es-419': { ...es, lead: 'Vea qué se restaurará, dónde y cuánto tardará, antes de presionar el botón.' },
  fr: {
    subject: 'Nouveau : des restaurations qui s’expliquent',
    preheader: 'Et deux améliorations demandées par votre équipe.',
    kicker: 'Nouveautés',
    title: 'Des restaurations qui s’expliquent',
    lead: 'Voyez ce qui sera restauré, où et en combien de temps, avant d’appuyer sur le bouton.',
    hello: 'Bonjour {{ person.firstName | default: "à vous" }},',
    intro:
      'Jusqu’ici, une restauration commençait par une supposition. À partir de cette version, elle commence par un aperçu : fichiers, tailles, propriétaires et ce qui serait écrasé.',
    button: 'Voir comment ça marche',
    others: [
      {
        title: 'Des alertes motivées',
        text: 'Une alerte dit désormais ce qui a changé depuis la dernière exécution réussie : un disque plein se distingue d’un mot de passe perdu en un coup d’œil.',
      },
      {
        title: 'Des week-ends plus calmes',
        text: 'Choisissez quand les contrôles peuvent tourner. Ce qui attend est rattrapé le lundi, par ordre d’importance.',
      },
    ],
    rest: 'Tout le reste figure dans les notes de version, dans votre portail.',
  },
  it: {
    subject: 'Novità: ripristini che si spiegano da soli',
    preheader: 'E altre due migliorie richieste dal tuo team.',
    kicker: 'Novità',
    title: 'Ripristini che si spiegano da soli',
    lead: 'Vedi che cosa sarà ripristinato, dove e in quanto tempo, prima di premere il pulsante.',
    hello: 'Ciao {{ person.firstName | default: "a te" }},',
    intro:
      'Finora un ripristino iniziava con un’ipotesi. Da questa versione inizia con un’anteprima: file, dimensioni, proprietari e ciò che verrebbe sovrascritto.',
    button: 'Scopri come funziona',
    others: [
      {
        title: 'Avvisi con un motivo',
        text: 'Ora un avviso dice che cosa è cambiato dall’ultima esecuzione riuscita: un disco pieno si distingue da una password persa a colpo d’occhio.',
      },
      {
        title: 'Fine settimana più tranquilli',
        text: 'Scegli quando possono partire i controlli. Quello che attende viene recuperato il lunedì, in ordine di importanza.',
      },
    ],
    rest: 'Tutto il resto è nelle note di versione, nel tuo portale.',
  },
  ja: {
    subject: '新機能:内容がひと目でわかる復元',
    preheader: 'ご要望の多かった改善も2つあります。',
    kicker: '新着情報',
    title: '内容がひと目でわかる復元',
    lead: '何が、どこに、どれくらいの時間で復元されるかを、実行する前に確認できます。',
    hello: '{{ person.name }} 様',
    intro:
      'これまで復元は推測から始まっていました。このバージョンからは、ファイル、サイズ、所有者、上書きされる内容を示すプレビューから始まります。',
    button: 'しくみを見る',
    others: [
      {
        title: '理由のわかるアラート',
        text: '前回の正常な実行から何が変わったかをアラートに表示します。ディスクの空き不足とパスワードの失効をすぐに見分けられます。',
      },
      {
        title: '静かな週末',
        text: 'チェックを実行してよい時間を選べます。待機したものは月曜日に重要な順で実行されます。',
      },
    ],
    rest: 'そのほかの変更点は、ポータルのリリースノートをご覧ください。',
  },
  pt: {
    subject: 'Novidade: restaurações que se explicam',
    preheader: 'E mais duas melhorias que sua equipe pediu.',
    kicker: 'Novidades',
    title: 'Restaurações que se explicam',
    lead: 'Veja o que será restaurado, onde e em quanto tempo, antes de apertar o botão.',
    hello: 'Olá, {{ person.firstName | default: "tudo bem?" }}',
    intro:
      'Até agora, uma restauração começava com um palpite. A partir desta versão, começa com uma prévia: arquivos, tamanhos, proprietários e o que seria substituído.',
    button: 'Ver como funciona',
    others: [
      {
        title: 'Alertas com motivo',
        text: 'Um alerta agora diz o que mudou desde a última execução correta: dá para distinguir um disco cheio de uma senha perdida num relance.',
      },
      {
        title: 'Fins de semana mais calmos',
        text: 'Escolha quando as verificações podem rodar. O que ficou esperando é retomado na segunda-feira, por ordem de importância.',
      },
    ],
    rest: 'Todo o resto está nas notas da versão, no seu portal.',
  },
};
