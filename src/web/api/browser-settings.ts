import type { RequestHandler } from 'express';

import { now } from '../../platform/clock.ts';
import { sourceOfKey } from '../../usage/write-keys.ts';

import { keyInHeader } from './write-key.ts';

/** What the browser library asks before it sends: which destinations to load. There is none but us. */
export const settings: RequestHandler = async (req, res) => {
  const sourceId = await sourceOfKey(String(req.params.key));
  if (sourceId === undefined) {
    res.status(404).json({ success: false, error: 'This write key is not known, or was revoked.' });
    return;
  }
  const host = `${req.host}/v1`;
  res.setHeader('Cache-Control', 'public, max-age=300').json({
    integrations: {
      'Segment.io': { apiKey: req.params.key, apiHost: host, protocol: req.protocol, unbundledIntegrations: [], addBundledMetadata: true, maybeBundledConfigIds: {}, versionSettings: { version: '4.4.7', componentTypes: ['browser'] } },
    },
    plan: { track: { __default: { enabled: true, integrations: {} } }, identify: { __default: { enabled: true } }, group: { __default: { enabled: true } } },
    edgeFunction: {}, analyticsNextEnabled: true, middlewareSettings: {}, enabledMiddleware: {},
    metrics: { sampleRate: 0 }, legacyVideoPluginsEnabled: false, remotePlugins: [],
  }); // prettier-ignore
};

/** The same for the browser library of RudderStack. */
export const sourceConfig: RequestHandler = async (req, res) => {
  const key = keyInHeader(req) ?? '';
  if ((await sourceOfKey(key)) === undefined) {
    res.status(401).json({ success: false, error: 'This write key is not known, or was revoked.' });
    return;
  }
  const off = { enabled: false };
  res.json({
    source: {
      id: key, name: 'Rapport', writeKey: key, workspaceId: 'rapport', enabled: true, destinations: [], connections: [],
      config: { statsCollection: { errors: off, metrics: off } },
    },
    updatedAt: now().toISOString(),
  }); // prettier-ignore
};
