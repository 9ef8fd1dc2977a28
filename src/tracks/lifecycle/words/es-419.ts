import { es } from './es.ts';
import type { LifecycleWords } from './words.ts';

/** What is said differently in Latin America. */
export const es419: LifecycleWords = {
  ...es,
  greeting: 'Saludos cordiales',
  messages: {
    ...es.messages,
    congratulations: {
      ...es.messages.congratulations,
      subject: 'Felicitaciones: {{ account.name }} ya está en marcha',
      preheader: 'Todo lo necesario está listo. Tres cosas que ahora valen la pena.',
      text: [
        'Felicitaciones: todos los pasos de la configuración están hechos. Ahora valen la pena estos tres:',
      ],
    },
    'share-video': {
      ...es.messages['share-video'],
      subject: 'Un video para compartir con sus compañeros',
      text: [
        'Hasta ahora usó {{ brand.name }} por su cuenta. Vale más en compañía, y no hace falta que lo explique: este video para nuevos usuarios dura seis minutos.',
        'Invite a quien deba ver lo que usted ve y envíele el enlace.',
      ],
    },
    'case-study': {
      ...es.messages['case-study'],
      after: '¿Prefiere verlo en vivo? Responda a este correo y buscamos media hora.',
    },
    'intro-video': {
      ...es.messages['intro-video'],
      preheader: 'Un video de tres minutos sobre lo que hace por usted.',
      text: [
        'Lleva dos semanas de prueba y nadie de {{ account.name }} probó todavía [[module]]. Para muchos es la razón por la que se quedan.',
        'El video muestra en tres minutos qué hace y cómo probarlo sin cambiar nada de lo suyo.',
      ],
      button: 'Ver el video',
    },
    'next-step': {
      ...es.messages['next-step'],
      preheader: 'Empezó bien. Esto es lo que sigue y cómo hacerlo.',
      text: [
        '{{ account.name }} empezó bien. Lo que falta es «[[step]]»: toma unos minutos y, después, lo demás encaja solo.',
        'El tutorial lo muestra pantalla por pantalla. Si prefiere que se lo enseñen, hay una capacitación cada semana y las preguntas son bienvenidas.',
      ],
    },
    'set-up-middle': {
      ...es.messages['set-up-middle'],
      preheader: 'El segundo capítulo y dónde se trabaron otros.',
      text: [
        'Pasó una semana. El segundo capítulo de la guía es el que cuenta: conecta {{ brand.name }} con sus propios sistemas.',
        'Si los permisos o un firewall lo impiden, reenvíe este correo a quien pueda abrir la puerta. La guía tiene una página para ellos.',
      ],
    },
  },
};
