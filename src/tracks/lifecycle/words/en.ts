import type { LifecycleWords } from './words.ts';

export const en: LifecycleWords = {
  kicker: 'For your team',
  hello: 'Hello {{ person.firstName | default: "there" }},',
  greeting: 'Best regards',
  team: 'Your team at {{ brand.name }}',
  messages: {
    'case-study': {
      subject: 'What a team like yours got out of it',
      preheader: 'A short story, with figures, from the first day to the first result.',
      title: 'From the first day to the first result',
      text: [
        'You signed up for {{ brand.name }} a few days ago. Before you begin, have a look at how a company like {{ account.name }} went about it: what they wanted, what they set up first, and what it saved them.',
        'It takes four minutes to read, and most of it can be copied.',
      ],
      button: 'Read the story',
      after: 'Would you rather see it live? Reply to this mail, and we find half an hour.',
    },
    'next-step': {
      subject: 'Your next step: [[step]]',
      preheader: 'You have begun well. This is what comes next, and how to do it.',
      title: 'One step further',
      text: [
        '{{ account.name }} has begun well. What is still missing is “[[step]]”: it takes a few minutes, and after it the rest falls into place.',
        'The tutorial shows it screen by screen. If you would rather be shown, there is a training every week, and questions are welcome.',
      ],
      button: 'Show me how',
      after: 'Did something get in the way? Reply to this mail. A person reads it.',
    },
    congratulations: {
      subject: 'Well done: {{ account.name }} is set up',
      preheader: 'All that is needed is in place. Three things that pay off now.',
      title: 'You are set up',
      text: ['Congratulations: every step of the set-up is done. These three pay off next:'],
      points: [
        'Let the people in who will work with it every day.',
        'Agree on who looks at it, and when: five minutes on Monday are enough.',
        'Write down what you want to have reached in a month, so that you can tell.',
      ],
      button: 'See the next steps',
    },
    'roll-out': {
      subject: 'It is set up. How do you get everybody on board?',
      preheader: 'Hints from teams that rolled it out within two weeks.',
      title: 'From set up to in use',
      text: [
        'Everything is in place at {{ account.name }}, but nobody has been back since. That is common: setting up is one person’s job, using it is everybody’s. What worked for others:',
      ],
      points: [
        'Begin with one team and one task, not with everything.',
        'Tell people what they will no longer have to do.',
        'Show it once, ten minutes, on a real example of theirs.',
      ],
      button: 'Open the roll-out kit',
    },
    'share-video': {
      subject: 'A video to pass on to your colleagues',
      preheader: 'Six minutes that spare you explaining it.',
      title: 'Better with your colleagues',
      text: [
        'You have been using {{ brand.name }} by yourself so far. It is worth more with those around you, and you need not explain it to them: this video for new users takes six minutes.',
        'Invite whoever should see what you see, and send them the link.',
      ],
      button: 'Watch and share',
    },
    pricing: {
      subject: 'Prices, a calculation, and a code for {{ account.name }}',
      preheader: 'Your trial ends soon. What it would cost, what it saves, and ten minutes to decide.',
      title: 'Going on after the trial',
      text: [
        'Several people at {{ account.name }} work with the trial, and it ends soon. So that you can decide in time, here is what it costs, and a calculation of what it saves that you can take to whoever signs.',
        'With the code <strong>[[discount]]</strong> you get the price for early decisions until the trial ends. Everything that you have set up stays.',
      ],
      button: 'See the prices',
      after: 'Questions before you decide? Reply, or call us: the number is below the name.',
    },
    extension: {
      subject: 'Take [[more]] more days',
      preheader: 'Your trial is being extended. Would you tell us what got in the way?',
      title: '[[more]] more days, no questions asked',
      text: [
        'The trial of {{ account.name }} was about to end, and it looks as if there was no time for it. We are extending it by [[more]] days; you need not do anything.',
        'There is one thing we would like to know: what got in the way? The form has three questions.',
      ],
      button: 'Answer three questions',
      after: 'Not what you were looking for? Tell us that in the form. It helps, too.',
    },
    'intro-video': {
      subject: 'Two weeks in: have you seen [[module]]?',
      preheader: 'A video of three minutes on what it does for you.',
      title: 'Meet [[module]]',
      text: [
        'You are two weeks into your trial, and nobody at {{ account.name }} has tried [[module]] yet. For many it is the reason why they stay.',
        'The video shows in three minutes what it does, and how to try it without changing anything of yours.',
      ],
      button: 'Watch the video',
    },
    'best-practices': {
      subject: '[[module]]: how to begin right',
      preheader: 'Best practices, and notes for whoever implements it.',
      title: 'A good start with [[module]]',
      text: [
        '{{ account.name }} has begun with [[module]]. A few decisions of the first days are hard to change later; this is how others made them:',
      ],
      points: [
        'Begin with a part that you know well, and compare.',
        'Decide on names and responsibilities before there are many of them.',
        'Read the implementation notes before you connect it to other systems.',
      ],
      button: 'Read the notes',
    },
    benefits: {
      subject: 'What {{ account.name }} could be getting out of it',
      preheader: 'It has become quieter lately. A reminder, and somebody to talk to.',
      title: 'It has become quieter',
      text: [
        'You have been using {{ brand.name }} less in the last two weeks than before. There may be good reasons. In case there are not, here is what you already pay for, and what others do with it.',
        'If something does not work as it should, or people have changed, talk to us: the one who looks after you signs below.',
      ],
      button: 'See what is in it',
    },
    'welcome-back': {
      subject: 'Good to see you again, {{ person.firstName | default: "and welcome back" }}',
      preheader: 'What is new since you were last here, in two minutes.',
      title: 'Welcome back',
      text: [
        'Good to see you again. A few things have changed since you were last here, and some of what used to be tedious has become a click.',
        'Two minutes, and you are up to date.',
      ],
      button: 'What is new',
      after: 'Cannot find something any more? Reply to this mail, and we point you to it.',
    },
    'expansion-module': {
      subject: '[[module]]: made for your kind of work',
      preheader: 'Others in a role like yours begin here.',
      title: 'Made for your kind of work',
      text: [
        'You are among the first of your department at {{ account.name }} to use {{ brand.name }}. Your colleagues use it for their work; for yours there is [[module]].',
        'Have a look at what others in a role like yours do with it, and try it.',
      ],
      button: 'See [[module]]',
    },
    expansion: {
      subject: '{{ account.name }} uses every license it has',
      preheader: 'What to do when more colleagues want to join.',
      title: 'All licenses in use',
      text: [
        'Good news, in a way: {{ account.name }} uses every license it has. If more colleagues want to join, there are ways that cost less than one license after another:',
      ],
      points: [
        'Packages by team, from five people on.',
        'A company agreement, counted once a year.',
        'Licenses that are not used are freed for others: we show you how.',
      ],
      button: 'See the programs',
      after: 'Tell us how many you expect to be in a year, and we calculate it for you.',
    },
    'new-product': {
      subject: 'New, and it fits how you work: [[product]]',
      preheader: 'Why we think of you with it.',
      title: 'New: [[product]]',
      text: [
        'We write to a few people only: those whose way of working suggests that [[product]] would save them time. You are one of them.',
        'It goes together with what {{ account.name }} has, and can be tried beside it.',
      ],
      button: 'Have a look',
    },
    'module-benefits': {
      subject: 'A month of [[module]]: what it does for others',
      preheader: 'It is in your license, and you have not used it yet.',
      title: 'Have you met [[module]]?',
      text: [
        '[[module]] came out a month ago and is part of what {{ account.name }} has. You have hardly used it so far. What others tell of it after a month:',
      ],
      points: [
        'It takes a task away that came back every week.',
        'It shows in one place what had to be looked for in several.',
        'It needs no setting up: you can begin with what is there.',
      ],
      button: 'See the benefits',
    },
    'tips-and-tricks': {
      subject: 'Five tricks for [[module]]',
      preheader: 'What people wish they had known on the first day.',
      title: 'Tips for [[module]]',
      text: [
        'You used [[module]] for the first time. We asked people who have used it for a year what they wish they had known on the first day, and made five tips of it.',
        'Each takes less than a minute to try.',
      ],
      button: 'Read the tips',
    },
    welcome: {
      subject: 'Welcome, {{ person.firstName | default: "and good to have you here" }}',
      preheader: 'Three things for your first day.',
      title: 'Good to have you here',
      text: ['{{ account.name }} works with {{ brand.name }}, and now you do, too. For your first day:'],
      points: [
        'Have a look around: nothing can break by looking.',
        'Set your language and what you want to be told of.',
        'Know where help is: in the portal, or by replying to this mail.',
      ],
      button: 'First steps',
    },
    'welcome-follow-up': {
      subject: 'A week in: try [[module]]',
      preheader: 'You have not found it yet, and most people would not be without it.',
      title: 'Have you found [[module]]?',
      text: [
        'You have been with us for a week. Most people who stay use [[module]], and you have not come by it yet.',
        'It is quickly tried: open it, and follow the first three hints.',
      ],
      button: 'Show me [[module]]',
    },
    'set-up-begin': {
      subject: 'Let us get {{ account.name }} set up',
      preheader: 'What to do this week, and who should be there.',
      title: 'The first week',
      text: [
        'Thank you for choosing {{ brand.name }}. Within 30 days it should be doing its work without you thinking of it. This week:',
      ],
      points: [
        'Name one person who sets it up, and one who decides.',
        'Open the guide and do its first chapter, about half an hour.',
        'Tell us your goal by replying to this mail: we look whether the plan leads there.',
      ],
      button: 'Open the guide',
    },
    'set-up-middle': {
      subject: 'Half way: what is left to set up',
      preheader: 'The second chapter, and where others got stuck.',
      title: 'The second week',
      text: [
        'A week has passed. The second chapter of the guide is the one that counts: it connects {{ brand.name }} with your own systems.',
        'If rights or a firewall are in the way, send this mail on to whoever can open the door. The guide has a page for them.',
      ],
      button: 'Go on with the guide',
    },
    'set-up-end': {
      subject: 'Two weeks left to be set up: shall we help?',
      preheader: 'An hour together, and it is done.',
      title: 'Shall we do it together?',
      text: [
        'Half of the first 30 days are over, and the set-up at {{ account.name }} is not complete. Often a single question is in the way.',
        'Reply with a time that suits you: in an hour together it is done.',
      ],
      button: 'See what is missing',
    },
    'power-tips': {
      subject: 'For people who use it as much as you do',
      preheader: 'Shortcuts and settings that beginners never look for.',
      title: 'For those who know it well',
      text: [
        'Hardly anybody gets as much done with {{ brand.name }} as you do. These tips are not for beginners: shortcuts, settings out of the way, and what can be automated.',
        'Do you have one that is missing? Reply, and the next mail has your name in it.',
      ],
      button: 'Show me the tips',
    },
    'check-in': {
      subject: 'How are things at {{ account.name }}?',
      preheader: 'A short note from {{ manager.name | default: "your success manager" }}.',
      title: 'A check-in',
      text: [
        'I noticed that your team has used {{ brand.name }} only half as much in the last two weeks as before, and wanted to ask how things are.',
        'If something got in the way – time, a question, a missing piece – tell me in a line, and I will see what I can do. If all is well, that is good to hear, too.',
        'Would a quarter of an hour next week help? Just reply with a time that suits you; your answer comes to me.',
      ],
    },
  },
};

/** What is written differently in Great Britain and Australia. */
export const enGB: LifecycleWords = {
  ...en,
  messages: {
    ...en.messages,
    expansion: {
      ...en.messages.expansion,
      subject: '{{ account.name }} uses every licence it has',
      title: 'All licences in use',
      text: [
        'Good news, in a way: {{ account.name }} uses every licence it has. If more colleagues want to join, there are ways that cost less than one licence after another:',
      ],
      points: [
        'Packages by team, from five people on.',
        'A company agreement, counted once a year.',
        'Licences that are not used are freed for others: we show you how.',
      ],
      button: 'See the programmes',
    },
    'module-benefits': {
      ...en.messages['module-benefits'],
      preheader: 'It is in your licence, and you have not used it yet.',
    },
  },
};
