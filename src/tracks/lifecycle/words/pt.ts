import type { LifecycleWords } from './words.ts';

export const pt: LifecycleWords = {
  kicker: 'Para sua equipe',
  hello: 'Olá, {{ person.firstName | default: "tudo bem?" }}',
  greeting: 'Atenciosamente',
  team: 'Sua equipe da {{ brand.name }}',
  messages: {
    'case-study': {
      subject: 'O que uma equipe como a sua conseguiu',
      preheader: 'Uma história curta, com números, do primeiro dia ao primeiro resultado.',
      title: 'Do primeiro dia ao primeiro resultado',
      text: [
        'Há alguns dias você se cadastrou na {{ brand.name }}. Antes de começar, veja como fez uma empresa como a {{ account.name }}: o que queria, o que configurou primeiro e quanto economizou.',
        'A leitura leva quatro minutos, e quase tudo pode ser copiado.',
      ],
      button: 'Ler a história',
      after: 'Prefere ver ao vivo? Responda a este e-mail e achamos meia hora.',
    },
    'next-step': {
      subject: 'Seu próximo passo: [[step]]',
      preheader: 'Você começou bem. Veja o que vem agora e como fazer.',
      title: 'Um passo adiante',
      text: [
        'A {{ account.name }} começou bem. O que falta é “[[step]]”: leva poucos minutos e, depois, o resto se encaixa.',
        'O tutorial mostra tela por tela. Se preferir que alguém mostre, há um treinamento toda semana, e perguntas são bem-vindas.',
      ],
      button: 'Mostrar como se faz',
      after: 'Algo impediu? Responda a este e-mail. Uma pessoa lê.',
    },
    congratulations: {
      subject: 'Parabéns: a {{ account.name }} está pronta',
      preheader: 'Tudo o que é preciso está no lugar. Três coisas que agora valem a pena.',
      title: 'Está tudo configurado',
      text: ['Parabéns: todos os passos da configuração estão feitos. Agora valem a pena estes três:'],
      points: [
        'Dê acesso a quem vai usar todos os dias.',
        'Combinem quem olha, e quando: cinco minutos na segunda-feira bastam.',
        'Anote o que quer ter alcançado em um mês, para poder conferir.',
      ],
      button: 'Ver os próximos passos',
    },
    'roll-out': {
      subject: 'Está configurado. Como trazer todo mundo?',
      preheader: 'Dicas de equipes que implantaram em duas semanas.',
      title: 'De configurado a usado',
      text: [
        'Está tudo pronto na {{ account.name }}, mas ninguém voltou desde então. É comum: configurar é tarefa de uma pessoa, usar é de todas. O que funcionou para outros:',
      ],
      points: [
        'Começar com uma equipe e uma tarefa, não com tudo.',
        'Dizer às pessoas o que elas não precisarão mais fazer.',
        'Mostrar uma vez, dez minutos, com um exemplo real.',
      ],
      button: 'Abrir o kit de implantação',
    },
    'share-video': {
      subject: 'Um vídeo para passar aos colegas',
      preheader: 'Seis minutos que poupam suas explicações.',
      title: 'Melhor com os colegas',
      text: [
        'Até agora você usa a {{ brand.name }} sem companhia. Em grupo ela vale mais, e você não precisa explicar: este vídeo para novos usuários dura seis minutos.',
        'Convide quem deveria ver o que você vê e envie o link.',
      ],
      button: 'Assistir e compartilhar',
    },
    pricing: {
      subject: 'Preços, um cálculo e um código para a {{ account.name }}',
      preheader: 'Seu teste termina em breve. Quanto custa, quanto economiza e dez minutos para decidir.',
      title: 'Continuar depois do teste',
      text: [
        'Várias pessoas da {{ account.name }} trabalham com a versão de teste, que termina em breve. Para decidir a tempo, veja quanto custa e um cálculo de quanto economiza, pronto para quem assina.',
        'Com o código <strong>[[discount]]</strong> você tem o preço de quem decide cedo até o fim do teste. Tudo o que configurou continua.',
      ],
      button: 'Ver os preços',
      after: 'Perguntas antes de decidir? Responda ou ligue para nós.',
    },
    extension: {
      subject: 'Mais [[more]] dias para você',
      preheader: 'Seu teste foi prorrogado. Conta o que atrapalhou?',
      title: 'Mais [[more]] dias, sem condições',
      text: [
        'O teste da {{ account.name }} estava para terminar, e parece que faltou tempo. Vamos prorrogá-lo por [[more]] dias; você não precisa fazer nada.',
        'Só gostaríamos de saber uma coisa: o que atrapalhou? O formulário tem três perguntas.',
      ],
      button: 'Responder a três perguntas',
      after: 'Não era o que procurava? Diga isso no formulário. Também ajuda.',
    },
    'intro-video': {
      subject: 'Duas semanas de teste: já viu o [[module]]?',
      preheader: 'Um vídeo de três minutos sobre o que ele faz por você.',
      title: 'Conheça o [[module]]',
      text: [
        'Você está no teste há duas semanas, e ninguém da {{ account.name }} experimentou o [[module]] ainda. Para muitos, é o motivo de ficar.',
        'O vídeo mostra em três minutos o que ele faz e como experimentar sem mudar nada do que é seu.',
      ],
      button: 'Assistir ao vídeo',
    },
    'best-practices': {
      subject: '[[module]]: como começar bem',
      preheader: 'Boas práticas e notas para quem implanta.',
      title: 'Um bom começo com o [[module]]',
      text: [
        'A {{ account.name }} começou com o [[module]]. Algumas decisões dos primeiros dias são difíceis de mudar depois; foi assim que outros decidiram:',
      ],
      points: [
        'Começar por uma parte que você conhece bem, e comparar.',
        'Definir nomes e responsabilidades antes que sejam muitos.',
        'Ler as notas de implantação antes de ligar a outros sistemas.',
      ],
      button: 'Ler as notas',
    },
    benefits: {
      subject: 'O que a {{ account.name }} ainda pode aproveitar',
      preheader: 'Ficou mais quieto. Um lembrete, e alguém com quem conversar.',
      title: 'Ficou mais quieto',
      text: [
        'Nas últimas duas semanas vocês usaram a {{ brand.name }} menos do que antes. Pode haver bons motivos. Se não houver, veja o que já pagam e o que outros fazem com isso.',
        'Se algo não funciona como deveria, ou as pessoas mudaram, fale conosco: quem cuida da sua conta assina abaixo.',
      ],
      button: 'Ver tudo o que está incluído',
    },
    'welcome-back': {
      subject: 'Que bom ver você de novo',
      preheader: 'O que há de novo desde a última visita, em dois minutos.',
      title: 'Que bom ter você de volta',
      text: [
        'Que bom ver você de novo. Algumas coisas mudaram desde a última visita, e parte do que era trabalhoso agora é um clique.',
        'Dois minutos, e você está em dia.',
      ],
      button: 'O que há de novo',
      after: 'Não encontra mais alguma coisa? Responda a este e-mail e mostramos onde está.',
    },
    'expansion-module': {
      subject: '[[module]]: feito para o seu trabalho',
      preheader: 'Outros em uma função como a sua começam aqui.',
      title: 'Feito para o seu trabalho',
      text: [
        'Você está entre as primeiras pessoas do seu departamento na {{ account.name }} a usar a {{ brand.name }}. Seus colegas a usam no trabalho deles; para o seu existe o [[module]].',
        'Veja o que outros em uma função como a sua fazem com ele, e experimente.',
      ],
      button: 'Ver o [[module]]',
    },
    expansion: {
      subject: 'A {{ account.name }} usa todas as licenças',
      preheader: 'O que fazer quando mais colegas querem participar.',
      title: 'Todas as licenças em uso',
      text: [
        'No fundo, uma boa notícia: a {{ account.name }} usa todas as licenças que tem. Se mais colegas quiserem participar, há caminhos mais em conta do que uma licença após a outra:',
      ],
      points: [
        'Pacotes por equipe, a partir de cinco pessoas.',
        'Um acordo da empresa, contado uma vez por ano.',
        'Licenças sem uso são liberadas para outros: mostramos como.',
      ],
      button: 'Ver os programas',
      after: 'Diga quantos esperam ser daqui a um ano, e fazemos a conta.',
    },
    'new-product': {
      subject: 'Novo, e combina com seu jeito de trabalhar: [[product]]',
      preheader: 'Por que pensamos em você.',
      title: 'Novo: [[product]]',
      text: [
        'Escrevemos só a poucas pessoas: aquelas cujo jeito de trabalhar sugere que o [[product]] pouparia tempo. Você é uma delas.',
        'Combina com o que a {{ account.name }} já tem e pode ser testado em paralelo.',
      ],
      button: 'Dar uma olhada',
    },
    'module-benefits': {
      subject: 'Um mês de [[module]]: o que traz aos outros',
      preheader: 'Está na sua licença, e você ainda não usou.',
      title: 'Já conhece o [[module]]?',
      text: [
        'O [[module]] saiu há um mês e faz parte do que a {{ account.name }} tem. Até agora você quase não o usou. O que outros contam depois de um mês:',
      ],
      points: [
        'Tira uma tarefa que voltava toda semana.',
        'Mostra em um só lugar o que era preciso procurar em vários.',
        'Não precisa de configuração: comece com o que já está lá.',
      ],
      button: 'Ver as vantagens',
    },
    'tips-and-tricks': {
      subject: 'Cinco truques para o [[module]]',
      preheader: 'O que as pessoas gostariam de ter sabido no primeiro dia.',
      title: 'Dicas para o [[module]]',
      text: [
        'Você usou o [[module]] pela primeira vez. Perguntamos a quem o usa há um ano o que gostaria de ter sabido no primeiro dia e fizemos disso cinco dicas.',
        'Cada uma se testa em menos de um minuto.',
      ],
      button: 'Ler as dicas',
    },
    welcome: {
      subject: 'Boas-vindas à {{ brand.name }}',
      preheader: 'Três coisas para o seu primeiro dia.',
      title: 'Que bom ter você aqui',
      text: [
        'A {{ account.name }} trabalha com a {{ brand.name }}, e agora você também. Para o seu primeiro dia:',
      ],
      points: [
        'Dê uma volta: olhar não quebra nada.',
        'Escolha seu idioma e sobre o que quer ser avisado.',
        'Saiba onde está a ajuda: no portal, ou respondendo a este e-mail.',
      ],
      button: 'Primeiros passos',
    },
    'welcome-follow-up': {
      subject: 'Uma semana depois: experimente o [[module]]',
      preheader: 'Você ainda não o descobriu, e a maioria não ficaria sem.',
      title: 'Já descobriu o [[module]]?',
      text: [
        'Você está conosco há uma semana. A maioria de quem fica usa o [[module]], e você ainda não passou por lá.',
        'É rápido de experimentar: abra e siga as três primeiras indicações.',
      ],
      button: 'Mostrar o [[module]]',
    },
    'set-up-begin': {
      subject: 'Vamos colocar a {{ account.name }} em marcha',
      preheader: 'O que fazer esta semana, e quem deveria estar junto.',
      title: 'A primeira semana',
      text: [
        'Obrigado por escolher a {{ brand.name }}. Em 30 dias ela deve fazer seu trabalho sem que você precise pensar nela. Esta semana:',
      ],
      points: [
        'Escolha uma pessoa que configura e uma que decide.',
        'Abra o guia e faça o primeiro capítulo, cerca de meia hora.',
        'Conte seu objetivo respondendo a este e-mail: vemos se o plano leva até lá.',
      ],
      button: 'Abrir o guia',
    },
    'set-up-middle': {
      subject: 'Na metade: o que falta configurar',
      preheader: 'O segundo capítulo, e onde outros emperraram.',
      title: 'A segunda semana',
      text: [
        'Passou uma semana. O segundo capítulo do guia é o que conta: ele liga a {{ brand.name }} aos seus próprios sistemas.',
        'Se permissões ou um firewall atrapalham, encaminhe este e-mail a quem pode abrir a porta. O guia tem uma página para eles.',
      ],
      button: 'Continuar com o guia',
    },
    'set-up-end': {
      subject: 'Faltam duas semanas para terminar: podemos ajudar?',
      preheader: 'Uma hora juntos, e está feito.',
      title: 'Fazemos juntos?',
      text: [
        'Metade dos primeiros 30 dias passou, e a configuração na {{ account.name }} não está completa. Muitas vezes é uma única pergunta que atrapalha.',
        'Responda com um horário bom para você: em uma hora juntos está feito.',
      ],
      button: 'Ver o que falta',
    },
    'power-tips': {
      subject: 'Para quem usa tanto quanto você',
      preheader: 'Atalhos e ajustes que iniciantes nunca procuram.',
      title: 'Para quem conhece bem',
      text: [
        'Quase ninguém faz tanto com a {{ brand.name }} quanto você. Estas dicas não são para iniciantes: atalhos, ajustes escondidos e o que dá para automatizar.',
        'Falta uma sua? Responda, e o próximo e-mail leva o seu nome.',
      ],
      button: 'Ver as dicas',
    },
    'check-in': {
      subject: 'Como vão as coisas na {{ account.name }}?',
      preheader: 'Algumas linhas de {{ manager.name | default: "quem cuida da sua conta" }}.',
      title: 'Como vão as coisas?',
      text: [
        'Notei que nas últimas duas semanas sua equipe usou a {{ brand.name }} só a metade do que antes, e queria perguntar como vão as coisas.',
        'Se algo atrapalhou – tempo, uma dúvida, uma peça que falta –, conte em uma linha, e vejo o que posso fazer. Se está tudo bem, também é bom saber.',
        'Quinze minutos na próxima semana ajudariam? Responda com um horário bom para você; sua resposta chega a mim.',
      ],
    },
  },
};
