/** The org's daily API budget. The control plane may set both numbers. */
export interface ApiLimits {
  dailyMax: number;
  dailyUsed: number;
}
