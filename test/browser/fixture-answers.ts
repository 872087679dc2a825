import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemSchema, type Problem } from '#contracts';

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function problem(response: ServerResponse, body: Problem): void {
  const text = JSON.stringify(problemSchema.parse(body));
  response.writeHead(body.status, { 'content-type': 'application/problem+json' }).end(text);
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
