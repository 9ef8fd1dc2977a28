import { createHash } from 'node:crypto';

import { isoMoment } from '../dates.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { logFile, pdfFile, screenshot, type DemoFile } from './files.ts';

/** A file that goes onto a record. */
export interface Enclosure {
  parentId: string;
  kind: 'document' | 'image' | 'log';
  by: string;
  at: number;
  host: string;
  /** Not for customers. */
  isInternal?: boolean;
}

/** Writes a file with its first version and its link to the record. */
export function attachFile(world: World, random: Random, enclosure: Enclosure): void {
  const { parentId, by, at, isInternal = false } = enclosure;
  const file = fileFor(enclosure, random);
  const [documentId, versionId] = [world.ids.next('ContentDocument'), world.ids.next('ContentVersion')];
  const title = file.name.replace(/\.\w+$/, '');
  const stamp = { at, by };
  const shared = {
    Title: title,
    OwnerId: by,
    PublishStatus: 'P',
    ContentSize: file.bytes.length,
    FileType: file.fileType,
    FileExtension: file.extension,
    SharingOption: 'A',
    SharingPrivacy: 'N',
    ContentModifiedDate: isoMoment(at),
  };
  world.add('ContentDocument', { Id: documentId, LatestPublishedVersionId: versionId, ...shared }, stamp);
  world.add('ContentVersion', {
    Id: versionId,
    ContentDocumentId: documentId,
    IsLatest: true,
    VersionNumber: '1',
    PathOnClient: file.name,
    ContentModifiedById: by,
    FirstPublishLocationId: parentId,
    Origin: 'C',
    Checksum: createHash('md5').update(file.bytes).digest('hex'),
    IsMajorVersion: true,
    ...shared,
  }, stamp); // prettier-ignore
  const link = (LinkedEntityId: string, ShareType: 'I' | 'V', Visibility: 'AllUsers' | 'InternalUsers') => {
    const row = {
      Id: world.ids.next('ContentDocumentLink'),
      LinkedEntityId,
      ContentDocumentId: documentId,
      ShareType,
      Visibility,
    };
    world.add('ContentDocumentLink', row, stamp);
  };
  link(parentId, 'V', isInternal ? 'InternalUsers' : 'AllUsers');
  link(by, 'I', 'AllUsers');
  world.files.add(versionId, file.bytes);
}

/** A file in the way of Salesforce Classic, straight on the record or on a mail. */
export function addAttachment(
  world: World,
  parentId: string,
  file: DemoFile,
  { at, by }: { at: number; by: string },
): void {
  const Id = world.ids.next('Attachment');
  const row = {
    Id,
    ParentId: parentId,
    Name: file.name,
    ContentType: file.contentType,
    BodyLength: file.bytes.length,
    OwnerId: by,
  };
  world.add('Attachment', row, { at, by });
  world.files.add(Id, file.bytes);
}

const drawn = new Map<string, DemoFile>();

function fileFor({ kind, host, at }: Enclosure, random: Random): DemoFile {
  if (kind === 'log') return logFile(host, at);
  if (kind === 'document') return random.chance(0.5) ? upgradeGuide : orderForm;
  const known = drawn.get(host) ?? screenshot(host);
  drawn.set(host, known);
  return known;
}

const upgradeGuide = pdfFile('Upgrade guide.pdf', 'Upgrading Tidewater Backup', [
  '1. Check that the support contract is in date and collect the new license codes in the portal.',
  '2. Back up the configuration: Settings > Export.',
  '3. Upgrade the console first. Agents may be one version behind.',
  '4. Upgrade the agents in groups, and watch the first job of each group.',
  '5. Plan for one full backup of every machine after its upgrade.',
]);

const orderForm = pdfFile('Order form.pdf', 'Order form: additional seats', [
  'Please fill in, sign and send back to orders@tidewater.example.',
  'Product and edition: ______________________   Seats: ________',
  'Purchase order number: ____________________   Date: _________',
  'Your annual support and maintenance is extended for the new seats up to its present end.',
]);
