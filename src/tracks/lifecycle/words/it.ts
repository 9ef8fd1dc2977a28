import type { LifecycleWords } from './words.ts';

export const it: LifecycleWords = {
  kicker: 'Per il tuo team',
  hello: 'Ciao {{ person.firstName | default: "a te" }},',
  greeting: 'Un cordiale saluto',
  team: 'Il tuo team di {{ brand.name }}',
  messages: {
    'case-study': {
      subject: 'Che cosa ha ottenuto un team come il tuo',
      preheader: 'Una storia breve, con i numeri, dal primo giorno al primo risultato.',
      title: 'Dal primo giorno al primo risultato',
      text: [
        'qualche giorno fa hai fatto la registrazione a {{ brand.name }}. Prima di iniziare, guarda come ha fatto un’azienda come {{ account.name }}: che cosa voleva, che cosa ha configurato per prima e quanto ha risparmiato.',
        'Si legge in quattro minuti, e quasi tutto si può copiare.',
      ],
      button: 'Leggi la storia',
      after: 'Preferisci vederlo dal vivo? Rispondi a questa e-mail e troviamo mezz’ora.',
    },
    'next-step': {
      subject: 'Il tuo prossimo passo: [[step]]',
      preheader: 'Hai iniziato bene. Ecco che cosa viene dopo e come si fa.',
      title: 'Un passo avanti',
      text: [
        '{{ account.name }} ha iniziato bene. Quello che manca è «[[step]]»: richiede pochi minuti, e poi il resto va a posto da sé.',
        'Il tutorial lo mostra schermata per schermata. Se preferisci una guida, c’è un corso ogni settimana e le domande sono benvenute.',
      ],
      button: 'Mostrami come',
      after: 'Qualcosa te lo ha impedito? Rispondi a questa e-mail. La legge una persona.',
    },
    congratulations: {
      subject: 'Ben fatto: {{ account.name }} è pronta',
      preheader: 'Tutto il necessario è al suo posto. Tre cose che ora danno frutti.',
      title: 'È tutto configurato',
      text: ['complimenti: tutti i passi della configurazione sono fatti. Ora danno frutti questi tre:'],
      points: [
        'Fai entrare chi lo userà ogni giorno.',
        'Decidete chi guarda, e quando: cinque minuti il lunedì bastano.',
        'Scrivi che cosa vuoi aver raggiunto tra un mese, per poterlo verificare.',
      ],
      button: 'Vedi i prossimi passi',
    },
    'roll-out': {
      subject: 'È configurato. Come coinvolgere tutti?',
      preheader: 'Consigli da team che lo hanno introdotto in due settimane.',
      title: 'Da configurato a usato',
      text: [
        'in {{ account.name }} è tutto pronto, ma da allora nessuno è tornato. Succede spesso: configurare è compito di una persona, usare è compito di tutti. Che cosa ha funzionato per altri:',
      ],
      points: [
        'Iniziare con un team e un’attività, non con tutto.',
        'Dire alle persone che cosa non dovranno più fare.',
        'Mostrarlo una volta, dieci minuti, su un esempio vero.',
      ],
      button: 'Apri il kit di avvio',
    },
    'share-video': {
      subject: 'Un video da passare ai colleghi',
      preheader: 'Sei minuti che ti risparmiano le spiegazioni.',
      title: 'Meglio con i colleghi',
      text: [
        'finora usi {{ brand.name }} da solo. In compagnia vale di più, e non serve che lo spieghi tu: questo video per i nuovi utenti dura sei minuti.',
        'Invita chi dovrebbe vedere quello che vedi tu e manda il link.',
      ],
      button: 'Guarda e condividi',
    },
    pricing: {
      subject: 'Prezzi, un calcolo e un codice per {{ account.name }}',
      preheader: 'La prova finisce presto. Quanto costa, quanto fa risparmiare e dieci minuti per decidere.',
      title: 'Continuare dopo la prova',
      text: [
        'più persone in {{ account.name }} lavorano con la versione di prova, che finisce presto. Per decidere in tempo, ecco quanto costa e un calcolo di quanto fa risparmiare, da girare a chi firma.',
        'Con il codice <strong>[[discount]]</strong> hai il prezzo per chi decide presto, fino alla fine della prova. Tutto ciò che hai configurato resta.',
      ],
      button: 'Vedi i prezzi',
      after: 'Domande prima di decidere? Rispondi o chiamaci.',
    },
    extension: {
      subject: '[[more]] giorni in più per te',
      preheader: 'La prova viene prolungata. Ci dici che cosa è mancato?',
      title: '[[more]] giorni in più, senza condizioni',
      text: [
        'la prova di {{ account.name }} stava per finire, e sembra che sia mancato il tempo. La prolunghiamo di [[more]] giorni; non devi fare nulla.',
        'Vorremmo sapere una cosa sola: che cosa lo ha impedito? Il modulo ha tre domande.',
      ],
      button: 'Rispondi a tre domande',
      after: 'Non era quello che cercavi? Scrivilo nel modulo. Aiuta anche quello.',
    },
    'intro-video': {
      subject: 'Due settimane di prova: hai visto [[module]]?',
      preheader: 'Un video di tre minuti su quello che fa per te.',
      title: 'Ti presentiamo [[module]]',
      text: [
        'la prova è iniziata da due settimane, e in {{ account.name }} nessuno ha ancora provato [[module]]. Per molti è il motivo per restare.',
        'Il video mostra in tre minuti che cosa fa e come provarlo senza cambiare nulla di tuo.',
      ],
      button: 'Guarda il video',
    },
    'best-practices': {
      subject: '[[module]]: come iniziare bene',
      preheader: 'Buone pratiche e note per chi lo introduce.',
      title: 'Un buon inizio con [[module]]',
      text: [
        '{{ account.name }} ha iniziato con [[module]]. Alcune decisioni dei primi giorni sono difficili da cambiare dopo; altri le hanno prese così:',
      ],
      points: [
        'Iniziare da una parte che conosci bene, e confrontare.',
        'Decidere nomi e responsabilità prima che diventino tanti.',
        'Leggere le note di implementazione prima di collegarlo ad altri sistemi.',
      ],
      button: 'Leggi le note',
    },
    benefits: {
      subject: 'Che cosa potrebbe ottenere ancora {{ account.name }}',
      preheader: 'Ultimamente è più tranquillo. Un promemoria, e qualcuno con cui parlare.',
      title: 'È diventato più tranquillo',
      text: [
        'nelle ultime due settimane avete usato {{ brand.name }} meno di prima. Possono esserci buone ragioni. Se non ci sono, ecco quello che già pagate e che cosa ne fanno altri.',
        'Se qualcosa non funziona come dovrebbe, o sono cambiate le persone, parliamone: chi vi segue firma qui sotto.',
      ],
      button: 'Vedi che cosa è incluso',
    },
    'welcome-back': {
      subject: 'Che bello rivederti',
      preheader: 'Le novità dall’ultima visita, in due minuti.',
      title: 'Che bello rivederti qui',
      text: [
        'che bello rivederti. Dall’ultima volta alcune cose sono cambiate, e parte di ciò che era noioso ora è un clic.',
        'Due minuti, e sai tutto.',
      ],
      button: 'Le novità',
      after: 'Non trovi più qualcosa? Rispondi a questa e-mail e ti diciamo dov’è.',
    },
    'expansion-module': {
      subject: '[[module]]: fatto per il tuo lavoro',
      preheader: 'Altri in un ruolo come il tuo iniziano da qui.',
      title: 'Fatto per il tuo lavoro',
      text: [
        'sei tra i primi del tuo reparto in {{ account.name }} a usare {{ brand.name }}. I colleghi lo usano per il loro lavoro; per il tuo c’è [[module]].',
        'Guarda che cosa ne fanno altri in un ruolo come il tuo, e provalo.',
      ],
      button: 'Vedi [[module]]',
    },
    expansion: {
      subject: '{{ account.name }} usa tutte le sue licenze',
      preheader: 'Che cosa fare quando altri colleghi vogliono unirsi.',
      title: 'Tutte le licenze in uso',
      text: [
        'in fondo è una buona notizia: {{ account.name }} usa tutte le licenze che ha. Se altri colleghi vogliono unirsi, ci sono vie più convenienti di una licenza dopo l’altra:',
      ],
      points: [
        'Pacchetti per team, da cinque persone in su.',
        'Un accordo aziendale, contato una volta l’anno.',
        'Le licenze non usate si liberano per altri: ti mostriamo come.',
      ],
      button: 'Vedi i programmi',
      after: 'Dicci quanti pensate di essere tra un anno, e facciamo il conto.',
    },
    'new-product': {
      subject: 'Nuovo, e adatto a come lavori: [[product]]',
      preheader: 'Perché abbiamo pensato a te.',
      title: 'Nuovo: [[product]]',
      text: [
        'scriviamo solo a poche persone: quelle il cui modo di lavorare fa pensare che [[product]] farebbe risparmiare tempo. Sei tra queste.',
        'Si combina con quello che {{ account.name }} ha già e si può provare in parallelo.',
      ],
      button: 'Dai un’occhiata',
    },
    'module-benefits': {
      subject: 'Un mese di [[module]]: che cosa dà agli altri',
      preheader: 'È nella tua licenza, e non lo hai ancora usato.',
      title: 'Conosci [[module]]?',
      text: [
        '[[module]] è uscito un mese fa e fa parte di ciò che {{ account.name }} ha. Finora lo hai usato poco. Che cosa raccontano altri dopo un mese:',
      ],
      points: [
        'Toglie un’attività che tornava ogni settimana.',
        'Mostra in un solo posto ciò che si doveva cercare in tanti.',
        'Non richiede configurazione: inizi con quello che c’è.',
      ],
      button: 'Vedi i vantaggi',
    },
    'tips-and-tricks': {
      subject: 'Cinque trucchi per [[module]]',
      preheader: 'Quello che si vorrebbe aver saputo il primo giorno.',
      title: 'Consigli per [[module]]',
      text: [
        'hai usato [[module]] per la prima volta. Abbiamo chiesto a chi lo usa da un anno che cosa avrebbe voluto sapere il primo giorno, e ne abbiamo fatto cinque consigli.',
        'Ognuno si prova in meno di un minuto.',
      ],
      button: 'Leggi i consigli',
    },
    welcome: {
      subject: 'Ti diamo il benvenuto in {{ brand.name }}',
      preheader: 'Tre cose per il tuo primo giorno.',
      title: 'Che bello averti con noi',
      text: ['{{ account.name }} lavora con {{ brand.name }}, e da ora anche tu. Per il tuo primo giorno:'],
      points: [
        'Guardati intorno: guardando non si rompe nulla.',
        'Imposta la lingua e ciò di cui vuoi essere avvisato.',
        'Ricorda dov’è l’aiuto: nel portale, o rispondendo a questa e-mail.',
      ],
      button: 'Primi passi',
    },
    'welcome-follow-up': {
      subject: 'Dopo una settimana: prova [[module]]',
      preheader: 'Non lo hai ancora scoperto, e i più non ne farebbero a meno.',
      title: 'Hai scoperto [[module]]?',
      text: [
        'sei con noi da una settimana. La maggior parte di chi resta usa [[module]], e tu non ci sei ancora passato.',
        'Si prova in fretta: aprilo e segui i primi tre suggerimenti.',
      ],
      button: 'Mostrami [[module]]',
    },
    'set-up-begin': {
      subject: 'Mettiamo in moto {{ account.name }}',
      preheader: 'Che cosa fare questa settimana, e chi dovrebbe esserci.',
      title: 'La prima settimana',
      text: [
        'grazie per aver scelto {{ brand.name }}. Entro 30 giorni dovrebbe fare il suo lavoro senza che tu ci pensi. Questa settimana:',
      ],
      points: [
        'Nomina una persona che configura e una che decide.',
        'Apri la guida e fai il primo capitolo, circa mezz’ora.',
        'Dicci il tuo obiettivo rispondendo a questa e-mail: guardiamo se il piano ci porta lì.',
      ],
      button: 'Apri la guida',
    },
    'set-up-middle': {
      subject: 'A metà strada: che cosa resta da configurare',
      preheader: 'Il secondo capitolo, e dove altri si sono fermati.',
      title: 'La seconda settimana',
      text: [
        'è passata una settimana. Il secondo capitolo della guida è quello che conta: collega {{ brand.name }} con i tuoi sistemi.',
        'Se permessi o un firewall lo impediscono, inoltra questa e-mail a chi può aprire la porta. La guida ha una pagina per loro.',
      ],
      button: 'Continua con la guida',
    },
    'set-up-end': {
      subject: 'Ancora due settimane per finire: ti aiutiamo?',
      preheader: 'Un’ora insieme, ed è fatto.',
      title: 'Lo facciamo insieme?',
      text: [
        'metà dei primi 30 giorni è passata, e la configurazione in {{ account.name }} non è completa. Spesso è una sola domanda a fermare tutto.',
        'Rispondi con un orario che ti va bene: in un’ora insieme è fatto.',
      ],
      button: 'Vedi che cosa manca',
    },
    'power-tips': {
      subject: 'Per chi lo usa quanto te',
      preheader: 'Scorciatoie e impostazioni che i principianti non cercano mai.',
      title: 'Per chi lo conosce bene',
      text: [
        'quasi nessuno riesce a fare con {{ brand.name }} quanto fai tu. Questi consigli non sono per principianti: scorciatoie, impostazioni nascoste e ciò che si può automatizzare.',
        'Ne manca uno tuo? Rispondi, e la prossima e-mail avrà il tuo nome.',
      ],
      button: 'Mostrami i consigli',
    },
    'check-in': {
      subject: 'Come va in {{ account.name }}?',
      preheader: 'Due righe da {{ manager.name | default: "chi ti segue" }}.',
      title: 'Come va?',
      text: [
        'ho notato che nelle ultime due settimane il tuo team ha usato {{ brand.name }} la metà rispetto a prima, e volevo chiederti come va.',
        'Se qualcosa è d’intralcio – il tempo, una domanda, un pezzo che manca – dimmelo in una riga e vedo che cosa posso fare. Se va tutto bene, fa piacere saperlo.',
        'Un quarto d’ora la prossima settimana aiuterebbe? Rispondi con un orario che ti va bene; la risposta arriva a me.',
      ],
    },
  },
};
