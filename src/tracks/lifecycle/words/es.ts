import type { LifecycleWords } from './words.ts';

export const es: LifecycleWords = {
  kicker: 'Para su equipo',
  hello: 'Hola, {{ person.firstName | default: "buenos días" }}:',
  greeting: 'Un saludo',
  team: 'Su equipo de {{ brand.name }}',
  messages: {
    'case-study': {
      subject: 'Lo que consiguió un equipo como el suyo',
      preheader: 'Una historia breve, con cifras, del primer día al primer resultado.',
      title: 'Del primer día al primer resultado',
      text: [
        'Hace unos días se registró en {{ brand.name }}. Antes de empezar, vea cómo lo hizo una empresa como {{ account.name }}: qué buscaba, qué configuró primero y cuánto ahorró con ello.',
        'Se lee en cuatro minutos y casi todo se puede copiar.',
      ],
      button: 'Leer la historia',
      after: '¿Prefiere verlo en directo? Responda a este correo y buscamos media hora.',
    },
    'next-step': {
      subject: 'Su siguiente paso: [[step]]',
      preheader: 'Ha empezado bien. Esto es lo que sigue y cómo hacerlo.',
      title: 'Un paso más',
      text: [
        '{{ account.name }} ha empezado bien. Lo que falta es «[[step]]»: lleva unos minutos y, después, lo demás encaja solo.',
        'El tutorial lo muestra pantalla a pantalla. Si prefiere que se lo enseñen, hay una formación cada semana y las preguntas son bienvenidas.',
      ],
      button: 'Ver cómo se hace',
      after: '¿Algo se lo impidió? Responda a este correo. Lo lee una persona.',
    },
    congratulations: {
      subject: 'Enhorabuena: {{ account.name }} ya está en marcha',
      preheader: 'Todo lo necesario está listo. Tres cosas que ahora merecen la pena.',
      title: 'Todo está configurado',
      text: [
        'Enhorabuena: todos los pasos de la configuración están hechos. Ahora merecen la pena estos tres:',
      ],
      points: [
        'Dé acceso a quienes lo usarán a diario.',
        'Acuerden quién lo revisa y cuándo: cinco minutos el lunes bastan.',
        'Anote qué quiere haber conseguido en un mes, para poder comprobarlo.',
      ],
      button: 'Ver los siguientes pasos',
    },
    'roll-out': {
      subject: 'Ya está configurado. ¿Cómo se suma todo el equipo?',
      preheader: 'Consejos de equipos que lo implantaron en dos semanas.',
      title: 'De configurado a utilizado',
      text: [
        'Todo está listo en {{ account.name }}, pero nadie ha vuelto desde entonces. Es frecuente: configurarlo es tarea de una persona y usarlo, de todas. Lo que ha funcionado a otros:',
      ],
      points: [
        'Empezar con un equipo y una tarea, no con todo.',
        'Explicar qué dejarán de tener que hacer.',
        'Enseñarlo una vez, diez minutos, con un ejemplo real.',
      ],
      button: 'Abrir el kit de implantación',
    },
    'share-video': {
      subject: 'Un vídeo para compartir con sus compañeros',
      preheader: 'Seis minutos que le ahorran las explicaciones.',
      title: 'Mejor con sus compañeros',
      text: [
        'Hasta ahora ha usado {{ brand.name }} en solitario. Vale más en compañía, y no hace falta que lo explique: este vídeo para nuevos usuarios dura seis minutos.',
        'Invite a quien deba ver lo que usted ve y envíele el enlace.',
      ],
      button: 'Ver y compartir',
    },
    pricing: {
      subject: 'Precios, un cálculo y un código para {{ account.name }}',
      preheader: 'Su prueba termina pronto. Cuánto cuesta, cuánto ahorra y diez minutos para decidir.',
      title: 'Seguir después de la prueba',
      text: [
        'Varias personas de {{ account.name }} trabajan con la versión de prueba, y termina pronto. Para que pueda decidir a tiempo, aquí tiene lo que cuesta y un cálculo de lo que ahorra, listo para quien tenga que firmar.',
        'Con el código <strong>[[discount]]</strong> obtiene el precio por decisión temprana hasta el fin de la prueba. Todo lo que ha configurado se conserva.',
      ],
      button: 'Ver los precios',
      after: '¿Preguntas antes de decidir? Responda o llámenos.',
    },
    extension: {
      subject: 'Le damos [[more]] días más',
      preheader: 'Ampliamos su prueba. ¿Nos cuenta qué se lo impidió?',
      title: '[[more]] días más, sin condiciones',
      text: [
        'La prueba de {{ account.name }} estaba a punto de terminar y parece que faltó tiempo. La ampliamos [[more]] días; no tiene que hacer nada.',
        'Solo nos gustaría saber una cosa: ¿qué se lo impidió? El formulario tiene tres preguntas.',
      ],
      button: 'Responder a tres preguntas',
      after: '¿No era lo que buscaba? Díganoslo en el formulario. También ayuda.',
    },
    'intro-video': {
      subject: 'Dos semanas después: ¿ha visto [[module]]?',
      preheader: 'Un vídeo de tres minutos sobre lo que hace por usted.',
      title: 'Le presentamos [[module]]',
      text: [
        'Lleva dos semanas de prueba y nadie de {{ account.name }} ha probado todavía [[module]]. Para muchos es la razón por la que se quedan.',
        'El vídeo muestra en tres minutos qué hace y cómo probarlo sin cambiar nada de lo suyo.',
      ],
      button: 'Ver el vídeo',
    },
    'best-practices': {
      subject: '[[module]]: cómo empezar bien',
      preheader: 'Buenas prácticas y notas para quien lo implanta.',
      title: 'Un buen comienzo con [[module]]',
      text: [
        '{{ account.name }} ha empezado con [[module]]. Algunas decisiones de los primeros días cuestan de cambiar después; así las tomaron otros:',
      ],
      points: [
        'Empezar por una parte que conozca bien y comparar.',
        'Decidir nombres y responsabilidades antes de que sean muchos.',
        'Leer las notas de implantación antes de conectarlo con otros sistemas.',
      ],
      button: 'Leer las notas',
    },
    benefits: {
      subject: 'Lo que {{ account.name }} podría estar aprovechando',
      preheader: 'Últimamente hay menos actividad. Un recordatorio y alguien con quien hablar.',
      title: 'Hay menos actividad',
      text: [
        'En las dos últimas semanas han usado {{ brand.name }} menos que antes. Puede haber buenas razones. Por si no las hay, aquí está lo que ya pagan y lo que otros hacen con ello.',
        'Si algo no funciona como debería o han cambiado las personas, hable con nosotros: quien se ocupa de su cuenta firma abajo.',
      ],
      button: 'Ver todo lo que incluye',
    },
    'welcome-back': {
      subject: 'Qué alegría verle de nuevo',
      preheader: 'Lo nuevo desde su última visita, en dos minutos.',
      title: 'Bienvenida de nuevo',
      text: [
        'Qué alegría verle de nuevo. Algunas cosas han cambiado desde su última visita, y parte de lo que era pesado es ahora un clic.',
        'En dos minutos estará al día.',
      ],
      button: 'Qué hay de nuevo',
      after: '¿Ya no encuentra algo? Responda a este correo y le indicamos dónde está.',
    },
    'expansion-module': {
      subject: '[[module]]: hecho para su trabajo',
      preheader: 'Otras personas con una función como la suya empiezan aquí.',
      title: 'Hecho para su trabajo',
      text: [
        'Es de las primeras personas de su departamento en {{ account.name }} que usan {{ brand.name }}. Sus compañeros lo usan para su trabajo; para el suyo existe [[module]].',
        'Vea lo que hacen con él otras personas con una función como la suya y pruébelo.',
      ],
      button: 'Ver [[module]]',
    },
    expansion: {
      subject: '{{ account.name }} usa todas sus licencias',
      preheader: 'Qué hacer cuando más compañeros quieren sumarse.',
      title: 'Todas las licencias en uso',
      text: [
        'En el fondo, una buena noticia: {{ account.name }} usa todas las licencias que tiene. Si más compañeros quieren sumarse, hay vías más económicas que ir licencia a licencia:',
      ],
      points: [
        'Paquetes por equipo, a partir de cinco personas.',
        'Un acuerdo de empresa, contado una vez al año.',
        'Las licencias que no se usan se liberan para otros: le mostramos cómo.',
      ],
      button: 'Ver los programas',
      after: 'Díganos cuántos esperan ser dentro de un año y se lo calculamos.',
    },
    'new-product': {
      subject: 'Nuevo, y encaja con su forma de trabajar: [[product]]',
      preheader: 'Por qué hemos pensado en usted.',
      title: 'Nuevo: [[product]]',
      text: [
        'Escribimos solo a unas pocas personas: aquellas cuya forma de trabajar sugiere que [[product]] les ahorraría tiempo. Usted es una de ellas.',
        'Combina con lo que {{ account.name }} ya tiene y se puede probar en paralelo.',
      ],
      button: 'Echar un vistazo',
    },
    'module-benefits': {
      subject: 'Un mes de [[module]]: lo que aporta a otros',
      preheader: 'Está en su licencia y todavía no lo ha usado.',
      title: '¿Conoce [[module]]?',
      text: [
        '[[module]] salió hace un mes y forma parte de lo que {{ account.name }} tiene. Hasta ahora apenas lo ha usado. Lo que otros cuentan después de un mes:',
      ],
      points: [
        'Quita una tarea que volvía cada semana.',
        'Muestra en un solo lugar lo que había que buscar en varios.',
        'No requiere configuración: puede empezar con lo que hay.',
      ],
      button: 'Ver las ventajas',
    },
    'tips-and-tricks': {
      subject: 'Cinco trucos para [[module]]',
      preheader: 'Lo que a la gente le habría gustado saber el primer día.',
      title: 'Consejos para [[module]]',
      text: [
        'Ha usado [[module]] por primera vez. Preguntamos a quienes lo usan desde hace un año qué les habría gustado saber el primer día y lo convertimos en cinco consejos.',
        'Cada uno se prueba en menos de un minuto.',
      ],
      button: 'Leer los consejos',
    },
    welcome: {
      subject: 'Le damos la bienvenida a {{ brand.name }}',
      preheader: 'Tres cosas para su primer día.',
      title: 'Nos alegra que esté aquí',
      text: ['{{ account.name }} trabaja con {{ brand.name }} y ahora usted también. Para su primer día:'],
      points: [
        'Eche un vistazo: por mirar no se estropea nada.',
        'Elija su idioma y de qué quiere recibir avisos.',
        'Sepa dónde está la ayuda: en el portal o respondiendo a este correo.',
      ],
      button: 'Primeros pasos',
    },
    'welcome-follow-up': {
      subject: 'Una semana después: pruebe [[module]]',
      preheader: 'Aún no lo ha descubierto, y casi nadie querría prescindir de ello.',
      title: '¿Ha descubierto [[module]]?',
      text: [
        'Lleva una semana con nosotros. La mayoría de quienes se quedan usa [[module]], y usted todavía no ha pasado por ahí.',
        'Se prueba enseguida: ábralo y siga las tres primeras indicaciones.',
      ],
      button: 'Mostrarme [[module]]',
    },
    'set-up-begin': {
      subject: 'Pongamos en marcha {{ account.name }}',
      preheader: 'Qué hacer esta semana y quién debería estar.',
      title: 'La primera semana',
      text: [
        'Gracias por elegir {{ brand.name }}. En 30 días debería hacer su trabajo sin que tenga que pensar en ello. Esta semana:',
      ],
      points: [
        'Nombre a una persona que lo configure y a otra que decida.',
        'Abra la guía y haga el primer capítulo, una media hora.',
        'Cuéntenos su objetivo respondiendo a este correo: miramos si el plan lleva hasta allí.',
      ],
      button: 'Abrir la guía',
    },
    'set-up-middle': {
      subject: 'A mitad de camino: lo que queda por configurar',
      preheader: 'El segundo capítulo y dónde se atascaron otros.',
      title: 'La segunda semana',
      text: [
        'Ha pasado una semana. El segundo capítulo de la guía es el que cuenta: conecta {{ brand.name }} con sus propios sistemas.',
        'Si los permisos o un cortafuegos lo impiden, reenvíe este correo a quien pueda abrir la puerta. La guía tiene una página para ellos.',
      ],
      button: 'Seguir con la guía',
    },
    'set-up-end': {
      subject: 'Quedan dos semanas para terminar: ¿le ayudamos?',
      preheader: 'Una hora juntos y estará hecho.',
      title: '¿Lo hacemos juntos?',
      text: [
        'Ha pasado la mitad de los primeros 30 días y la configuración en {{ account.name }} no está completa. A menudo lo que falta es una sola respuesta.',
        'Responda con una hora que le convenga: en una hora juntos estará hecho.',
      ],
      button: 'Ver lo que falta',
    },
    'power-tips': {
      subject: 'Para quienes lo usan tanto como usted',
      preheader: 'Atajos y ajustes que los principiantes nunca buscan.',
      title: 'Para quienes lo conocen bien',
      text: [
        'Casi nadie saca tanto partido a {{ brand.name }} como usted. Estos consejos no son para principiantes: atajos, ajustes escondidos y lo que se puede automatizar.',
        '¿Falta uno suyo? Responda, y el próximo correo llevará su nombre.',
      ],
      button: 'Ver los consejos',
    },
    'check-in': {
      subject: '¿Cómo va todo en {{ account.name }}?',
      preheader: 'Unas líneas de {{ manager.name | default: "su responsable de cuenta" }}.',
      title: '¿Cómo va todo?',
      text: [
        'He visto que en las dos últimas semanas su equipo ha usado {{ brand.name }} solo la mitad que antes, y quería preguntarle cómo va todo.',
        'Si algo lo ha impedido –tiempo, una duda, una pieza que falta–, dígamelo en una línea y veré qué puedo hacer. Si todo va bien, también me alegra saberlo.',
        '¿Le ayudaría un cuarto de hora la próxima semana? Responda con una hora que le convenga; su respuesta me llega a mí.',
      ],
    },
  },
};
