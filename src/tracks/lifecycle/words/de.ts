import type { LifecycleWords } from './words.ts';

export const de: LifecycleWords = {
  kicker: 'Für Ihr Team',
  hello: 'Guten Tag {{ person.name }},',
  greeting: 'Freundliche Grüße',
  team: 'Ihr Team von {{ brand.name }}',
  messages: {
    'case-study': {
      subject: 'Was ein Team wie Ihres damit erreicht hat',
      preheader: 'Eine kurze Geschichte mit Zahlen, vom ersten Tag bis zum ersten Ergebnis.',
      title: 'Vom ersten Tag zum ersten Ergebnis',
      text: [
        'vor einigen Tagen haben Sie sich bei {{ brand.name }} angemeldet. Bevor Sie beginnen: Sehen Sie, wie ein Unternehmen wie {{ account.name }} vorgegangen ist, was es wollte, was es zuerst eingerichtet hat und was es dadurch spart.',
        'Das liest sich in vier Minuten, und das meiste lässt sich übernehmen.',
      ],
      button: 'Zur Geschichte',
      after:
        'Möchten Sie es lieber vorgeführt bekommen? Antworten Sie auf diese E-Mail, wir finden eine halbe Stunde.',
    },
    'next-step': {
      subject: 'Ihr nächster Schritt: [[step]]',
      preheader: 'Sie haben gut begonnen. So geht es weiter.',
      title: 'Einen Schritt weiter',
      text: [
        '{{ account.name }} hat gut begonnen. Was noch fehlt, ist „[[step]]“: Es dauert wenige Minuten, und danach fügt sich der Rest.',
        'Die Anleitung zeigt es Bild für Bild. Wer es lieber gezeigt bekommt: Jede Woche gibt es eine Schulung, Fragen sind willkommen.',
      ],
      button: 'So geht es',
      after: 'Ist etwas dazwischengekommen? Antworten Sie auf diese E-Mail. Ein Mensch liest sie.',
    },
    congratulations: {
      subject: 'Geschafft: {{ account.name }} ist eingerichtet',
      preheader: 'Alles Nötige steht. Drei Dinge, die sich jetzt auszahlen.',
      title: 'Alles ist eingerichtet',
      text: [
        'herzlichen Glückwunsch: Jeder Schritt der Einrichtung ist getan. Diese drei zahlen sich als Nächstes aus:',
      ],
      points: [
        'Holen Sie diejenigen dazu, die täglich damit arbeiten werden.',
        'Vereinbaren Sie, wer wann hineinsieht: Fünf Minuten am Montag genügen.',
        'Schreiben Sie auf, was Sie in einem Monat erreicht haben wollen, damit Sie es messen können.',
      ],
      button: 'Die nächsten Schritte',
    },
    'roll-out': {
      subject: 'Eingerichtet. Und wie kommen alle an Bord?',
      preheader: 'Hinweise von Teams, die es in zwei Wochen eingeführt haben.',
      title: 'Von eingerichtet zu genutzt',
      text: [
        'bei {{ account.name }} steht alles bereit, aber seither war niemand mehr da. Das ist nicht ungewöhnlich: Einrichten ist die Aufgabe einer Person, Nutzen die aller. Was anderen geholfen hat:',
      ],
      points: [
        'Mit einem Team und einer Aufgabe beginnen, nicht mit allem.',
        'Den Leuten sagen, was sie künftig nicht mehr tun müssen.',
        'Es einmal zeigen, zehn Minuten, an einem echten Beispiel.',
      ],
      button: 'Zum Einführungspaket',
    },
    'share-video': {
      subject: 'Ein Video zum Weitergeben',
      preheader: 'Sechs Minuten, die Ihnen das Erklären ersparen.',
      title: 'Besser mit Ihren Kollegen',
      text: [
        'bisher nutzen Sie {{ brand.name }} allein. Gemeinsam bringt es mehr, und Sie müssen es niemandem erklären: Dieses Video für neue Nutzer dauert sechs Minuten.',
        'Laden Sie ein, wer sehen soll, was Sie sehen, und geben Sie den Link weiter.',
      ],
      button: 'Ansehen und teilen',
    },
    pricing: {
      subject: 'Preise, eine Rechnung und ein Code für {{ account.name }}',
      preheader: 'Ihr Test endet bald. Was es kostet, was es spart, und zehn Minuten zum Entscheiden.',
      title: 'Weiter nach dem Test',
      text: [
        'mehrere Personen bei {{ account.name }} arbeiten mit dem Test, und er endet bald. Damit Sie rechtzeitig entscheiden können: Hier steht, was es kostet, dazu eine Rechnung, was es spart, zum Weiterreichen an die, die unterschreiben.',
        'Mit dem Code <strong>[[discount]]</strong> gilt bis zum Ende des Tests der Preis für frühe Entscheidungen. Alles, was Sie eingerichtet haben, bleibt.',
      ],
      button: 'Zu den Preisen',
      after: 'Fragen vor der Entscheidung? Antworten Sie oder rufen Sie an.',
    },
    extension: {
      subject: '[[more]] Tage mehr für Sie',
      preheader: 'Ihr Test wird verlängert. Sagen Sie uns, was dazwischenkam?',
      title: '[[more]] Tage mehr, ohne Bedingungen',
      text: [
        'der Test von {{ account.name }} sollte gerade enden, und es sieht aus, als hätte die Zeit gefehlt. Wir verlängern ihn um [[more]] Tage; Sie müssen nichts tun.',
        'Eines wüssten wir gern: Was kam dazwischen? Das Formular hat drei Fragen.',
      ],
      button: 'Drei Fragen beantworten',
      after: 'Nicht das, was Sie gesucht haben? Schreiben Sie auch das. Es hilft uns.',
    },
    'intro-video': {
      subject: 'Nach zwei Wochen: Kennen Sie [[module]] schon?',
      preheader: 'Ein Video von drei Minuten: Was es für Sie tut.',
      title: 'Das ist [[module]]',
      text: [
        'Sie testen seit zwei Wochen, und bei {{ account.name }} hat noch niemand [[module]] ausprobiert. Für viele ist es der Grund zu bleiben.',
        'Das Video zeigt in drei Minuten, was es tut und wie Sie es ausprobieren, ohne bei sich etwas zu ändern.',
      ],
      button: 'Video ansehen',
    },
    'best-practices': {
      subject: '[[module]]: richtig anfangen',
      preheader: 'Bewährtes, und Hinweise für alle, die es einführen.',
      title: 'Ein guter Start mit [[module]]',
      text: [
        '{{ account.name }} hat mit [[module]] begonnen. Einige Entscheidungen der ersten Tage lassen sich später schwer ändern; so haben andere sie getroffen:',
      ],
      points: [
        'Mit einem Teil beginnen, den Sie gut kennen, und vergleichen.',
        'Namen und Zuständigkeiten festlegen, bevor es viele werden.',
        'Die Einführungshinweise lesen, bevor Sie es mit anderen Systemen verbinden.',
      ],
      button: 'Zu den Hinweisen',
    },
    benefits: {
      subject: 'Was für {{ account.name }} noch drin ist',
      preheader: 'Es ist ruhiger geworden. Eine Erinnerung, und jemand zum Reden.',
      title: 'Es ist ruhiger geworden',
      text: [
        'in den letzten zwei Wochen haben Sie {{ brand.name }} weniger genutzt als zuvor. Dafür kann es gute Gründe geben. Falls nicht: Hier steht, was Sie bereits bezahlen und was andere damit tun.',
        'Wenn etwas nicht läuft, wie es soll, oder die Zuständigen gewechselt haben, sprechen Sie mit uns: Wer Sie betreut, unterschreibt unten.',
      ],
      button: 'Was alles drin ist',
    },
    'welcome-back': {
      subject: 'Schön, dass Sie wieder da sind',
      preheader: 'Was es seit Ihrem letzten Besuch Neues gibt, in zwei Minuten.',
      title: 'Willkommen zurück',
      text: [
        'schön, dass Sie wieder da sind. Seit Ihrem letzten Besuch hat sich einiges geändert, und manches Mühsame ist nur noch ein Klick.',
        'Zwei Minuten, und Sie sind auf dem Stand.',
      ],
      button: 'Was ist neu?',
      after: 'Finden Sie etwas nicht mehr? Antworten Sie auf diese E-Mail, wir zeigen Ihnen, wo es ist.',
    },
    'expansion-module': {
      subject: '[[module]]: gemacht für Ihre Arbeit',
      preheader: 'Andere in einer Rolle wie Ihrer beginnen hier.',
      title: 'Gemacht für Ihre Arbeit',
      text: [
        'Sie gehören zu den Ersten Ihrer Abteilung, die bei {{ account.name }} mit {{ brand.name }} arbeiten. Ihre Kollegen nutzen es für ihre Aufgaben; für Ihre gibt es [[module]].',
        'Sehen Sie, was andere in einer Rolle wie Ihrer damit tun, und probieren Sie es aus.',
      ],
      button: '[[module]] ansehen',
    },
    expansion: {
      subject: '{{ account.name }} nutzt jede Lizenz',
      preheader: 'Was tun, wenn weitere Kollegen dazukommen wollen.',
      title: 'Alle Lizenzen in Gebrauch',
      text: [
        'eigentlich eine gute Nachricht: {{ account.name }} nutzt jede vorhandene Lizenz. Wenn weitere Kollegen dazukommen wollen, gibt es Wege, die günstiger sind als eine Lizenz nach der anderen:',
      ],
      points: [
        'Pakete je Team, ab fünf Personen.',
        'Ein Unternehmensvertrag, einmal im Jahr gezählt.',
        'Ungenutzte Lizenzen werden für andere frei: Wir zeigen, wie.',
      ],
      button: 'Zu den Programmen',
      after: 'Sagen Sie uns, mit wie vielen Sie in einem Jahr rechnen, und wir rechnen es Ihnen vor.',
    },
    'new-product': {
      subject: 'Neu, und es passt zu Ihrer Arbeit: [[product]]',
      preheader: 'Warum wir dabei an Sie denken.',
      title: 'Neu: [[product]]',
      text: [
        'wir schreiben nur wenigen: denen, deren Arbeitsweise vermuten lässt, dass [[product]] ihnen Zeit spart. Sie gehören dazu.',
        'Es passt zu dem, was {{ account.name }} hat, und lässt sich daneben ausprobieren.',
      ],
      button: 'Ansehen',
    },
    'module-benefits': {
      subject: 'Ein Monat [[module]]: Was es anderen bringt',
      preheader: 'Es gehört zu Ihrer Lizenz, und Sie nutzen es noch nicht.',
      title: 'Kennen Sie [[module]]?',
      text: [
        '[[module]] ist vor einem Monat erschienen und gehört zu dem, was {{ account.name }} hat. Sie haben es bisher kaum genutzt. Was andere nach einem Monat erzählen:',
      ],
      points: [
        'Es nimmt eine Aufgabe ab, die jede Woche wiederkam.',
        'Es zeigt an einem Ort, was man an mehreren suchen musste.',
        'Es braucht keine Einrichtung: Sie beginnen mit dem, was da ist.',
      ],
      button: 'Die Vorteile ansehen',
    },
    'tips-and-tricks': {
      subject: 'Fünf Kniffe für [[module]]',
      preheader: 'Was man gern am ersten Tag gewusst hätte.',
      title: 'Tipps für [[module]]',
      text: [
        'Sie haben [[module]] zum ersten Mal genutzt. Wir haben Leute gefragt, die seit einem Jahr damit arbeiten, was sie gern am ersten Tag gewusst hätten. Daraus wurden fünf Tipps.',
        'Jeder ist in weniger als einer Minute ausprobiert.',
      ],
      button: 'Zu den Tipps',
    },
    welcome: {
      subject: 'Willkommen bei {{ brand.name }}',
      preheader: 'Drei Dinge für Ihren ersten Tag.',
      title: 'Schön, dass Sie da sind',
      text: ['{{ account.name }} arbeitet mit {{ brand.name }}, und jetzt auch Sie. Für Ihren ersten Tag:'],
      points: [
        'Sehen Sie sich um: Durch Ansehen geht nichts kaputt.',
        'Stellen Sie Ihre Sprache ein, und wovon Sie hören wollen.',
        'Merken Sie sich, wo es Hilfe gibt: im Portal oder als Antwort auf diese E-Mail.',
      ],
      button: 'Erste Schritte',
    },
    'welcome-follow-up': {
      subject: 'Nach einer Woche: Probieren Sie [[module]]',
      preheader: 'Sie haben es noch nicht entdeckt, und die meisten möchten es nicht missen.',
      title: 'Schon [[module]] entdeckt?',
      text: [
        'Sie sind seit einer Woche dabei. Die meisten, die bleiben, nutzen [[module]], und Sie sind noch nicht darauf gestoßen.',
        'Es ist schnell ausprobiert: öffnen und den ersten drei Hinweisen folgen.',
      ],
      button: '[[module]] zeigen',
    },
    'set-up-begin': {
      subject: 'So richten wir {{ account.name }} ein',
      preheader: 'Was diese Woche zu tun ist und wer dabei sein sollte.',
      title: 'Die erste Woche',
      text: [
        'danke, dass Sie sich für {{ brand.name }} entschieden haben. In 30 Tagen soll es seine Arbeit tun, ohne dass Sie daran denken müssen. Diese Woche:',
      ],
      points: [
        'Bestimmen Sie, wer einrichtet und wer entscheidet.',
        'Öffnen Sie den Leitfaden und erledigen Sie das erste Kapitel, etwa eine halbe Stunde.',
        'Antworten Sie auf diese E-Mail mit Ihrem Ziel: Wir sehen nach, ob der Plan dorthin führt.',
      ],
      button: 'Zum Leitfaden',
    },
    'set-up-middle': {
      subject: 'Halbzeit: Was noch einzurichten ist',
      preheader: 'Das zweite Kapitel, und woran es bei anderen hakte.',
      title: 'Die zweite Woche',
      text: [
        'eine Woche ist um. Auf das zweite Kapitel des Leitfadens kommt es an: Es verbindet {{ brand.name }} mit Ihren eigenen Systemen.',
        'Falls Rechte oder eine Firewall im Weg sind, leiten Sie diese E-Mail an die weiter, die öffnen können. Der Leitfaden hat eine Seite für sie.',
      ],
      button: 'Weiter im Leitfaden',
    },
    'set-up-end': {
      subject: 'Noch zwei Wochen bis zur fertigen Einrichtung: Sollen wir helfen?',
      preheader: 'Eine Stunde gemeinsam, und es ist getan.',
      title: 'Machen wir es gemeinsam?',
      text: [
        'die Hälfte der ersten 30 Tage ist vorbei, und die Einrichtung bei {{ account.name }} ist nicht abgeschlossen. Oft ist es eine einzige Frage, die aufhält.',
        'Antworten Sie mit einem Termin, der Ihnen passt: In einer gemeinsamen Stunde ist es getan.',
      ],
      button: 'Was noch fehlt',
    },
    'power-tips': {
      subject: 'Für Leute, die es so viel nutzen wie Sie',
      preheader: 'Kürzel und Einstellungen, nach denen Anfänger nie suchen.',
      title: 'Für alle, die es gut kennen',
      text: [
        'kaum jemand schafft mit {{ brand.name }} so viel wie Sie. Diese Tipps sind nichts für Anfänger: Tastenkürzel, versteckte Einstellungen und was sich automatisieren lässt.',
        'Fehlt Ihrer? Antworten Sie, und in der nächsten E-Mail steht Ihr Name.',
      ],
      button: 'Zu den Tipps',
    },
    'check-in': {
      subject: 'Wie läuft es bei {{ account.name }}?',
      preheader: 'Ein paar Zeilen von {{ manager.name | default: "Ihrer Ansprechperson" }}.',
      title: 'Kurz nachgefragt',
      text: [
        'mir ist aufgefallen, dass Ihr Team {{ brand.name }} in den letzten zwei Wochen nur halb so viel genutzt hat wie zuvor, und ich wollte fragen, wie es läuft.',
        'Wenn etwas im Weg ist – Zeit, eine Frage, ein fehlendes Stück –, schreiben Sie mir eine Zeile, und ich sehe, was ich tun kann. Wenn alles gut ist, freut mich auch das.',
        'Würde eine Viertelstunde nächste Woche helfen? Antworten Sie einfach mit einem passenden Termin; Ihre Antwort kommt zu mir.',
      ],
    },
  },
};
