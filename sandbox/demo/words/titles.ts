/** What people do at a company that buys backup software. The first three run the systems, the next decide, the last pay. */
export const titlesByLanguage: Readonly<Record<string, readonly string[]>> = {
  en: [
    'IT Manager', 'Systems Administrator', 'Infrastructure Engineer', 'Head of IT', 'Chief Information Officer',
    'Chief Technology Officer', 'Operations Director', 'Procurement Manager', 'Finance Director', 'Service Desk Lead',
  ],
  de: [
    'IT-Leiter', 'Systemadministrator', 'Infrastruktur-Ingenieur', 'Leitung IT-Betrieb', 'CIO',
    'Technischer Leiter', 'Betriebsleiter', 'Leitung Einkauf', 'Kaufmännische Leitung', 'Teamleiter Service Desk',
  ],
  es: [
    'Responsable de TI', 'Administrador de sistemas', 'Ingeniero de infraestructura', 'Jefe de sistemas',
    'Director de sistemas de información', 'Director de tecnología', 'Director de operaciones', 'Responsable de compras',
    'Director financiero', 'Coordinador de soporte',
  ],
  fr: [
    'Responsable informatique', 'Administrateur systèmes', 'Ingénieur infrastructure', 'Responsable d’exploitation', 'DSI',
    'Directeur technique', 'Directeur des opérations', 'Responsable achats', 'Directeur administratif et financier',
    'Responsable support',
  ],
  it: [
    'Responsabile IT', 'Amministratore di sistema', 'Ingegnere infrastrutture', 'Responsabile sistemi',
    'Direttore sistemi informativi', 'Direttore tecnico', 'Direttore operativo', 'Responsabile acquisti',
    'Direttore amministrativo', 'Responsabile assistenza',
  ],
  ja: [
    '情報システム部 課長', 'システム管理者', 'インフラエンジニア', '情報システム部 部長', '最高情報責任者（CIO）', '技術部長', '業務部長',
    '購買部 課長', '経理部長', 'サービスデスク主任',
  ],
  pt: [
    'Gerente de TI', 'Administrador de sistemas', 'Engenheiro de infraestrutura', 'Coordenador de TI',
    'Diretor de TI', 'Diretor de tecnologia', 'Diretor de operações', 'Gerente de compras', 'Diretor financeiro',
    'Coordenador de suporte',
  ],
}; // prettier-ignore
