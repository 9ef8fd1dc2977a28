declare module '../platform/events.ts' {
  interface Events {
    'case.opened': { caseId: string; accountId: string };
    'case.replied': { caseId: string; accountId: string };
    'case.closed': { caseId: string; accountId: string };
    'case.reopened': { caseId: string; accountId: string };
  }
}

export {};
