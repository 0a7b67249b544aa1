// The official JavaScript SDK's server: node server.mjs BINDING VERSION [MESSAGE]
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AgentCard, Message, TaskState } from '@a2a-js/sdk';
import { AgentEvent, DefaultRequestHandler, InMemoryTaskStore } from '@a2a-js/sdk/server';
import { jsonRpcHandler, restHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import express from 'express';

const [binding, version, form] = process.argv.slice(2);
const PATIENCE = 60_000;

// What lies on the desk for the question, as servers/python/desk.py has it.
async function reply(question) {
  const fenced = [...question.matchAll(/```json\n([\s\S]*?)\n```/g)].at(-1)[1];
  const uid = JSON.parse(fenced).run.uid;
  const folder = join(process.env.INTEROP_DESK, uid);
  appendFileSync(join(folder, 'asked'), 'asked\n');
  const path = join(folder, 'answer.json');
  const deadline = Date.now() + PATIENCE;
  while (!existsSync(path)) {
    if (Date.now() > deadline) return { form: 'text', text: 'nobody has answered' };
    await pause(20);
  }
  const answer = JSON.parse(readFileSync(path, 'utf8'));
  return { form: answer.form, text: answer.text.replaceAll('{runUid}', uid) };
}

const textPart = (text) => ({ content: { $case: 'text', value: text }, mediaType: 'text/plain' });
const dataPart = (text) => ({ content: { $case: 'data', value: JSON.parse(text) } });
const status = (state) => ({ state, timestamp: new Date().toISOString() });
const update = (context, state) =>
  AgentEvent.statusUpdate({
    taskId: context.taskId,
    contextId: context.contextId,
    status: status(state),
    metadata: {},
  });

class Judge {
  contexts = new Map();

  async execute(request, bus) {
    const question = request.userMessage.parts.map((p) => p.content?.value ?? '').join('\n');
    if (form === 'MESSAGE') {
      const said = await reply(question);
      bus.publish(
        AgentEvent.message(
          Message.fromJSON({
            messageId: randomUUID(),
            contextId: request.contextId,
            role: 'ROLE_AGENT',
            parts: [{ text: said.text }],
          }),
        ),
      );
      bus.finished();
      return;
    }
    this.contexts.set(request.taskId, request);
    bus.publish(
      AgentEvent.task({
        id: request.taskId,
        contextId: request.contextId,
        status: status(TaskState.TASK_STATE_WORKING),
        artifacts: [],
        history: [request.userMessage],
        metadata: {},
      }),
    );
    const said = await reply(question);
    const part = said.form === 'data' ? dataPart(said.text) : textPart(said.text);
    bus.publish(
      AgentEvent.artifactUpdate({
        taskId: request.taskId,
        contextId: request.contextId,
        artifact: {
          artifactId: randomUUID(),
          name: 'answer',
          description: '',
          parts: [part],
          metadata: {},
          extensions: [],
        },
        append: false,
        lastChunk: true,
        metadata: {},
      }),
    );
    bus.publish(update(request, TaskState.TASK_STATE_COMPLETED));
    bus.finished();
  }

  async cancelTask(taskId, bus) {
    bus.publish(update(this.contexts.get(taskId), TaskState.TASK_STATE_CANCELED));
    bus.finished();
  }
}

const app = express();
const server = app.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const rpc = binding === 'JSONRPC';
  const card = AgentCard.fromJSON({
    name: 'canary_judge',
    description: 'Says whether a canary may be promoted.',
    version: '1',
    supportedInterfaces: [
      { url: `${url}/a2a`, protocolBinding: binding, protocolVersion: version },
    ],
    capabilities: { streaming: true },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain', 'application/json'],
    skills: [{ id: 'judge', name: 'judge', description: 'judges', tags: ['canary'] }],
  });
  const options = {
    requestHandler: new DefaultRequestHandler(card, new InMemoryTaskStore(), new Judge()),
    userBuilder: UserBuilder.noAuthentication,
    legacyCompat: { enabled: version === '0.3' },
  };
  app.get('/.well-known/agent-card.json', (_, response) => response.json(AgentCard.toJSON(card)));
  app.use('/a2a', rpc ? jsonRpcHandler(options) : restHandler(options));
  console.log(`listening ${url}`);
});

// No server outlives the test that started it.
process.stdin.on('end', () => process.exit(0)).resume();
