import { setTimeout as sleep } from 'node:timers/promises';

import {
  Admin,
  Consumer,
  MessagesStreamFallbackModes,
  MessagesStreamModes,
  ProduceAcks,
  Producer,
  stringDeserializers,
  stringSerializers,
  type Message as KafkaMessage,
  type MessagesStream,
} from '@platformatic/kafka';

import { config } from '../config.ts';
import { log } from '../log.ts';

import { deadLetterTopicOf, topicOf } from './topics.ts';

/* The one door to the client library. Whoever fails closes what it had and begins anew: no connection is mended. */

export interface Outgoing {
  topic: string;
  key: string;
  value: string;
}
export type Incoming = KafkaMessage<string, string, string, string>;

const REQUEST_MILLISECONDS = 10_000;
const CONNECT_MILLISECONDS = 3_000;
const CALL_MILLISECONDS = 20_000;
/** Joining a group may wait for members that are gone without a word. */
const JOIN_MILLISECONDS = 60_000;
const CLOSE_MILLISECONDS = 3_000;

const connection = () => ({
  clientId: config.KAFKA_PREFIX,
  bootstrapBrokers: [...(config.KAFKA_BROKERS ?? [])],
  connectTimeout: CONNECT_MILLISECONDS,
  requestTimeout: REQUEST_MILLISECONDS,
  timeout: REQUEST_MILLISECONDS / 2,
  retries: 2,
  retryDelay: 200,
  ...(config.KAFKA_SSL !== 'off' && { tls: { rejectUnauthorized: config.KAFKA_SSL === 'verify' } }),
  ...(config.KAFKA_USERNAME !== undefined &&
    config.KAFKA_PASSWORD !== undefined && {
      sasl: {
        mechanism: config.KAFKA_MECHANISM,
        username: config.KAFKA_USERNAME,
        password: config.KAFKA_PASSWORD,
      },
    }),
});

/** Makes the topics of these stages where they are missing, with as many copies as the brokers make by default. */
export async function ensureTopics(stages: readonly string[], stopping?: AbortSignal): Promise<void> {
  const admin = new Admin(connection());
  try {
    const there = new Set(await within(admin.listTopics(), { stopping }));
    const missing = [
      ...stages.map((stage) => ({ topic: topicOf(stage), partitions: config.KAFKA_PARTITIONS })),
      ...stages.map((stage) => ({ topic: deadLetterTopicOf(stage), partitions: 1 })),
    ].filter(({ topic }) => !there.has(topic));
    for (const { topic, partitions } of missing)
      await within(admin.createTopics({ topics: [topic], partitions, replicas: -1 }), { stopping }).catch(
        unlessThere,
      );
  } finally {
    await within(admin.close(), { milliseconds: CLOSE_MILLISECONDS }).catch(ignore);
  }
}

/* Another worker was faster. */
function unlessThere(error: unknown): void {
  if (!JSON.stringify(causesOf(error)).includes('TOPIC_ALREADY_EXISTS')) throw error;
}

/** What went wrong, from the outside in. */
export function causesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const within = error instanceof AggregateError ? error.errors.flatMap(causesOf) : [];
  const id = 'apiId' in error ? ` (${String(error.apiId)})` : '';
  return [`${error.message}${id}`, ...within, ...(error.cause === undefined ? [] : causesOf(error.cause))];
}

/** Sends messages, in their order. What it sent before it threw is sent again with the rest. */
export function createSender(stopping?: AbortSignal) {
  let producer: Producer<string, string, string, string> | undefined;
  const close = async () => {
    const closing = producer;
    producer = undefined;
    if (closing !== undefined)
      await within(closing.close(true), { milliseconds: CLOSE_MILLISECONDS }).catch(ignore);
  };
  return {
    close,
    async send(messages: readonly Outgoing[]): Promise<void> {
      if (messages.length === 0) return;
      producer ??= new Producer({ ...connection(), serializers: stringSerializers });
      try {
        await within(producer.send({ messages: [...messages], acks: ProduceAcks.ALL }), { stopping });
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

/** One member of a stage's group, from when it joins until it fails or is closed. Joining is given up when the worker stops. */
export async function openStage(stage: string, stopping: AbortSignal) {
  const consumer: Member = new Consumer({
    ...connection(),
    groupId: topicOf(stage),
    deserializers: stringDeserializers,
    autocommit: false,
    sessionTimeout: config.KAFKA_SESSION_SECONDS * 1000,
    rebalanceTimeout: Math.max(config.KAFKA_SESSION_SECONDS, 10) * 1000,
    heartbeatInterval: (config.KAFKA_SESSION_SECONDS * 1000) / 5,
    maxWaitTime: 500,
    highWaterMark: 100,
  });
  consumer.on('consumer:heartbeat:error', ({ error }: { error: Error }) => {
    log.debug({ stage, causes: causesOf(error) }, 'a heartbeat to Kafka was lost');
  });
  const close = () => within(consumer.close(true), { milliseconds: CLOSE_MILLISECONDS }).catch(ignore);
  try {
    const messages = await within(join(consumer, topicOf(stage)), {
      milliseconds: JOIN_MILLISECONDS,
      stopping,
    });
    return {
      messages,
      close,
      /** Says that everything up to these messages is done. */
      commit: (upTo: readonly Incoming[]) =>
        within(
          consumer.commit({
            offsets: upTo.map(({ topic, partition, offset, leaderEpoch }) => ({
              topic, partition, offset: offset + 1n, leaderEpoch,
            })),
          }),
        ), // prettier-ignore
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Member = Consumer<string, string, string, string>;
type Messages = MessagesStream<string, string, string, string>;

/* A stream that fails while it is made, since joining was given up, says so before a promise could be listened to. */
function join(consumer: Member, topic: string): Promise<Messages> {
  const options = {
    topics: [topic],
    mode: MessagesStreamModes.COMMITTED,
    fallbackMode: MessagesStreamFallbackModes.EARLIEST,
  };
  return new Promise((resolve, reject) => {
    consumer.consume(options, (error, messages) => {
      if (messages === undefined) reject(error ?? new Error('Kafka gave no messages'));
      else resolve(messages.on('error', ignore));
    });
  });
}

interface Patience {
  milliseconds?: number;
  stopping?: AbortSignal | undefined;
}

/* The library keeps to its own limits, but for some paths on which it forgets to answer. */
async function within<T>(
  call: Promise<T>,
  { milliseconds = CALL_MILLISECONDS, stopping }: Patience = {},
): Promise<T> {
  const answered = new AbortController();
  const signal = stopping === undefined ? answered.signal : AbortSignal.any([answered.signal, stopping]);
  const tooLate = sleep(milliseconds, undefined, { signal }).then(() => {
    throw new Error(`no answer from Kafka in ${String(milliseconds)} ms`);
  });
  try {
    return await Promise.race([call, tooLate]);
  } finally {
    answered.abort();
    for (const promise of [call, tooLate]) promise.catch(ignore);
  }
}

function ignore(): void {
  /* It is given up in any case. */
}
