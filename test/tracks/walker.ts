import { advance } from '../../src/tracks/advancing.ts';
import { campaignSettings } from '../../src/campaigns/definition/settings.ts';
import { wholeCatalog } from '../../src/segments/catalog.ts';

/* A worker that does nothing but move the people of one track on, a few at a time: what tests kill, and start again. */
const [trackId = '', wave = '5'] = process.argv.slice(2);
const known = { wave: Number(wave), catalog: await wholeCatalog(), settings: await campaignSettings() };
process.send?.('ready');
for (;;) await advance(trackId, known);
