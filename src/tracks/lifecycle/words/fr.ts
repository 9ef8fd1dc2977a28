import type { LifecycleWords } from './words.ts';

export const fr: LifecycleWords = {
  kicker: 'Pour votre équipe',
  hello: 'Bonjour {{ person.firstName | default: "à vous" }},',
  greeting: 'Bien cordialement',
  team: 'Votre équipe {{ brand.name }}',
  messages: {
    'case-study': {
      subject: 'Ce qu’une équipe comme la vôtre en a tiré',
      preheader: 'Une histoire courte, avec des chiffres, du premier jour au premier résultat.',
      title: 'Du premier jour au premier résultat',
      text: [
        'Il y a quelques jours, vous vous êtes inscrit à {{ brand.name }}. Avant de commencer, voyez comment s’y est prise une entreprise comme {{ account.name }} : ce qu’elle voulait, ce qu’elle a configuré d’abord et ce qu’elle y a gagné.',
        'Quatre minutes de lecture, et presque tout peut être repris.',
      ],
      button: 'Lire l’histoire',
      after: 'Vous préférez une démonstration ? Répondez à ce message, nous trouverons une demi-heure.',
    },
    'next-step': {
      subject: 'Votre prochaine étape : [[step]]',
      preheader: 'Vous avez bien commencé. Voici la suite, et comment faire.',
      title: 'Une étape de plus',
      text: [
        '{{ account.name }} a bien commencé. Il manque encore « [[step]] » : cela prend quelques minutes, et le reste suit de lui-même.',
        'Le tutoriel le montre écran par écran. Si vous préférez qu’on vous montre, une formation a lieu chaque semaine, et les questions sont bienvenues.',
      ],
      button: 'Voir comment faire',
      after: 'Quelque chose vous en a empêché ? Répondez à ce message. Une personne le lit.',
    },
    congratulations: {
      subject: 'Bravo : {{ account.name }} est prêt',
      preheader: 'Tout le nécessaire est en place. Trois choses qui paient maintenant.',
      title: 'Tout est configuré',
      text: [
        'Félicitations : toutes les étapes de la configuration sont faites. Ces trois-là paient ensuite :',
      ],
      points: [
        'Donnez accès à ceux qui s’en serviront tous les jours.',
        'Convenez de qui regarde, et quand : cinq minutes le lundi suffisent.',
        'Notez ce que vous voulez avoir atteint dans un mois, pour pouvoir le vérifier.',
      ],
      button: 'Voir la suite',
    },
    'roll-out': {
      subject: 'C’est configuré. Comment embarquer tout le monde ?',
      preheader: 'Les conseils d’équipes qui l’ont déployé en deux semaines.',
      title: 'De configuré à utilisé',
      text: [
        'Tout est en place chez {{ account.name }}, mais personne n’est revenu depuis. C’est fréquent : configurer est l’affaire d’une personne, utiliser celle de tous. Ce qui a marché pour d’autres :',
      ],
      points: [
        'Commencer par une équipe et une tâche, pas par tout.',
        'Dire aux gens ce qu’ils n’auront plus à faire.',
        'Le montrer une fois, dix minutes, sur un vrai exemple.',
      ],
      button: 'Ouvrir le kit de déploiement',
    },
    'share-video': {
      subject: 'Une vidéo à transmettre à vos collègues',
      preheader: 'Six minutes qui vous épargnent les explications.',
      title: 'Mieux avec vos collègues',
      text: [
        'Jusqu’ici, vous utilisez {{ brand.name }} en solo. À plusieurs, il vaut davantage, et vous n’avez pas à l’expliquer : cette vidéo pour les nouveaux utilisateurs dure six minutes.',
        'Invitez ceux qui devraient voir ce que vous voyez et envoyez-leur le lien.',
      ],
      button: 'Regarder et partager',
    },
    pricing: {
      subject: 'Prix, calcul et code pour {{ account.name }}',
      preheader:
        'Votre essai se termine bientôt. Ce que cela coûte, ce que cela épargne, et dix minutes pour décider.',
      title: 'Continuer après l’essai',
      text: [
        'Plusieurs personnes de {{ account.name }} travaillent avec la version d’essai, qui se termine bientôt. Pour décider à temps, voici ce que cela coûte et un calcul de ce que cela épargne, à transmettre à qui signe.',
        'Avec le code <strong>[[discount]]</strong>, vous avez le prix des décisions rapides jusqu’à la fin de l’essai. Tout ce que vous avez configuré reste.',
      ],
      button: 'Voir les prix',
      after: 'Des questions avant de décider ? Répondez ou appelez-nous.',
    },
    extension: {
      subject: '[[more]] jours de plus pour vous',
      preheader: 'Votre essai est prolongé. Nous direz-vous ce qui vous a manqué ?',
      title: '[[more]] jours de plus, sans condition',
      text: [
        'L’essai de {{ account.name }} allait se terminer, et le temps semble avoir manqué. Nous le prolongeons de [[more]] jours ; vous n’avez rien à faire.',
        'Une seule chose nous intéresse : qu’est-ce qui vous a freiné ? Le formulaire compte trois questions.',
      ],
      button: 'Répondre à trois questions',
      after: 'Ce n’était pas ce que vous cherchiez ? Dites-le dans le formulaire. Cela aide aussi.',
    },
    'intro-video': {
      subject: 'Deux semaines déjà : avez-vous vu [[module]] ?',
      preheader: 'Une vidéo de trois minutes sur ce qu’il fait pour vous.',
      title: 'Découvrez [[module]]',
      text: [
        'Vous êtes à l’essai depuis deux semaines, et personne chez {{ account.name }} n’a encore essayé [[module]]. Pour beaucoup, c’est la raison de rester.',
        'La vidéo montre en trois minutes ce qu’il fait et comment l’essayer sans rien changer chez vous.',
      ],
      button: 'Voir la vidéo',
    },
    'best-practices': {
      subject: '[[module]] : bien commencer',
      preheader: 'Les bonnes pratiques, et des notes pour qui le met en place.',
      title: 'Un bon départ avec [[module]]',
      text: [
        '{{ account.name }} a commencé avec [[module]]. Certaines décisions des premiers jours se changent difficilement ; voici comment d’autres les ont prises :',
      ],
      points: [
        'Commencer par une partie que vous connaissez bien, et comparer.',
        'Fixer les noms et les responsabilités avant qu’il y en ait beaucoup.',
        'Lire les notes de mise en œuvre avant de le relier à d’autres systèmes.',
      ],
      button: 'Lire les notes',
    },
    benefits: {
      subject: 'Ce que {{ account.name }} pourrait en tirer',
      preheader: 'C’est plus calme ces temps-ci. Un rappel, et quelqu’un à qui parler.',
      title: 'C’est devenu plus calme',
      text: [
        'Ces deux dernières semaines, vous avez moins utilisé {{ brand.name }} qu’avant. Il peut y avoir de bonnes raisons. Sinon, voici ce que vous payez déjà et ce que d’autres en font.',
        'Si quelque chose ne marche pas comme prévu, ou si les personnes ont changé, parlons-en : la personne qui vous suit signe ci-dessous.',
      ],
      button: 'Voir tout ce qui est compris',
    },
    'welcome-back': {
      subject: 'Ravis de vous revoir',
      preheader: 'Les nouveautés depuis votre dernière visite, en deux minutes.',
      title: 'Bon retour parmi nous',
      text: [
        'Ravis de vous revoir. Certaines choses ont changé depuis votre dernière visite, et une partie de ce qui était fastidieux tient désormais en un clic.',
        'Deux minutes, et vous êtes à jour.',
      ],
      button: 'Les nouveautés',
      after: 'Vous ne retrouvez plus quelque chose ? Répondez à ce message, nous vous dirons où c’est.',
    },
    'expansion-module': {
      subject: '[[module]] : fait pour votre métier',
      preheader: 'D’autres, dans un rôle comme le vôtre, commencent ici.',
      title: 'Fait pour votre métier',
      text: [
        'Vous êtes parmi les premiers de votre service chez {{ account.name }} à utiliser {{ brand.name }}. Vos collègues s’en servent pour leur travail ; pour le vôtre, il y a [[module]].',
        'Voyez ce qu’en font d’autres dans un rôle comme le vôtre, et essayez-le.',
      ],
      button: 'Voir [[module]]',
    },
    expansion: {
      subject: '{{ account.name }} utilise toutes ses licences',
      preheader: 'Que faire quand d’autres collègues veulent en être.',
      title: 'Toutes les licences sont prises',
      text: [
        'Au fond, une bonne nouvelle : {{ account.name }} utilise toutes les licences dont il dispose. Si d’autres collègues veulent en être, il y a moins cher qu’une licence après l’autre :',
      ],
      points: [
        'Des forfaits par équipe, à partir de cinq personnes.',
        'Un accord d’entreprise, compté une fois par an.',
        'Les licences inutilisées se libèrent pour d’autres : nous vous montrons comment.',
      ],
      button: 'Voir les programmes',
      after: 'Dites-nous combien vous pensez être dans un an, et nous ferons le calcul.',
    },
    'new-product': {
      subject: 'Nouveau, et adapté à votre façon de travailler : [[product]]',
      preheader: 'Pourquoi nous pensons à vous.',
      title: 'Nouveau : [[product]]',
      text: [
        'Nous n’écrivons qu’à quelques personnes : celles dont la façon de travailler laisse penser que [[product]] leur ferait gagner du temps. Vous en êtes.',
        'Il s’accorde avec ce que {{ account.name }} possède déjà et peut être essayé à côté.',
      ],
      button: 'Y jeter un œil',
    },
    'module-benefits': {
      subject: 'Un mois de [[module]] : ce qu’il apporte aux autres',
      preheader: 'Il est dans votre licence, et vous ne l’utilisez pas encore.',
      title: 'Connaissez-vous [[module]] ?',
      text: [
        '[[module]] est sorti il y a un mois et fait partie de ce que possède {{ account.name }}. Vous ne l’avez guère utilisé. Ce qu’en disent d’autres après un mois :',
      ],
      points: [
        'Il supprime une tâche qui revenait chaque semaine.',
        'Il montre en un seul endroit ce qu’il fallait chercher à plusieurs.',
        'Il ne demande aucune configuration : commencez avec ce qui est là.',
      ],
      button: 'Voir les avantages',
    },
    'tips-and-tricks': {
      subject: 'Cinq astuces pour [[module]]',
      preheader: 'Ce qu’on aurait aimé savoir dès le premier jour.',
      title: 'Astuces pour [[module]]',
      text: [
        'Vous avez utilisé [[module]] pour la première fois. Nous avons demandé à ceux qui s’en servent depuis un an ce qu’ils auraient aimé savoir le premier jour, et en avons fait cinq astuces.',
        'Chacune s’essaie en moins d’une minute.',
      ],
      button: 'Lire les astuces',
    },
    welcome: {
      subject: 'Bienvenue chez {{ brand.name }}',
      preheader: 'Trois choses pour votre premier jour.',
      title: 'Ravis de vous compter parmi nous',
      text: [
        '{{ account.name }} travaille avec {{ brand.name }}, et maintenant vous aussi. Pour votre premier jour :',
      ],
      points: [
        'Faites le tour : on ne casse rien en regardant.',
        'Réglez votre langue et ce dont vous voulez être informé.',
        'Sachez où trouver de l’aide : dans le portail, ou en répondant à ce message.',
      ],
      button: 'Premiers pas',
    },
    'welcome-follow-up': {
      subject: 'Une semaine déjà : essayez [[module]]',
      preheader: 'Vous ne l’avez pas encore trouvé, et la plupart ne s’en passeraient plus.',
      title: 'Avez-vous trouvé [[module]] ?',
      text: [
        'Vous êtes avec nous depuis une semaine. La plupart de ceux qui restent utilisent [[module]], et vous n’y êtes pas encore passé.',
        'On l’essaie vite : ouvrez-le et suivez les trois premières indications.',
      ],
      button: 'Me montrer [[module]]',
    },
    'set-up-begin': {
      subject: 'Mettons {{ account.name }} en route',
      preheader: 'Que faire cette semaine, et qui devrait être là.',
      title: 'La première semaine',
      text: [
        'Merci d’avoir choisi {{ brand.name }}. Dans 30 jours, il devrait faire son travail sans que vous y pensiez. Cette semaine :',
      ],
      points: [
        'Désignez une personne qui configure, et une qui décide.',
        'Ouvrez le guide et faites le premier chapitre, environ une demi-heure.',
        'Dites-nous votre objectif en répondant à ce message : nous verrons si le plan y mène.',
      ],
      button: 'Ouvrir le guide',
    },
    'set-up-middle': {
      subject: 'À mi-chemin : ce qu’il reste à configurer',
      preheader: 'Le deuxième chapitre, et là où d’autres ont bloqué.',
      title: 'La deuxième semaine',
      text: [
        'Une semaine est passée. Le deuxième chapitre du guide est celui qui compte : il relie {{ brand.name }} à vos propres systèmes.',
        'Si des droits ou un pare-feu font obstacle, transmettez ce message à qui peut ouvrir la porte. Le guide a une page pour eux.',
      ],
      button: 'Continuer le guide',
    },
    'set-up-end': {
      subject: 'Encore deux semaines pour finir : on vous aide ?',
      preheader: 'Une heure ensemble, et c’est fait.',
      title: 'Le faisons-nous ensemble ?',
      text: [
        'La moitié des 30 premiers jours est passée, et la configuration chez {{ account.name }} n’est pas terminée. Souvent, une seule question fait obstacle.',
        'Répondez avec un moment qui vous convient : en une heure ensemble, c’est fait.',
      ],
      button: 'Voir ce qui manque',
    },
    'power-tips': {
      subject: 'Pour ceux qui l’utilisent autant que vous',
      preheader: 'Des raccourcis et des réglages que les débutants ne cherchent jamais.',
      title: 'Pour ceux qui le connaissent bien',
      text: [
        'Presque personne ne fait autant que vous avec {{ brand.name }}. Ces astuces ne sont pas pour les débutants : raccourcis, réglages cachés et tout ce qui s’automatise.',
        'Il en manque une à vous ? Répondez, et le prochain message portera votre nom.',
      ],
      button: 'Voir les astuces',
    },
    'check-in': {
      subject: 'Comment cela se passe-t-il chez {{ account.name }} ?',
      preheader: 'Un petit mot de {{ manager.name | default: "votre interlocuteur" }}.',
      title: 'Un petit mot',
      text: [
        'J’ai remarqué que, ces deux dernières semaines, votre équipe a utilisé {{ brand.name }} deux fois moins qu’avant, et je voulais vous demander comment cela se passe.',
        'Si quelque chose fait obstacle – le temps, une question, une pièce qui manque –, dites-le-moi en une ligne, et je verrai ce que je peux faire. Si tout va bien, c’est bon à savoir aussi.',
        'Un quart d’heure la semaine prochaine vous aiderait-il ? Répondez avec un moment qui vous convient ; votre réponse m’arrive directement.',
      ],
    },
  },
};
