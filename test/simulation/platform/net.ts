/** `node:net` in the simulated world: sockets of the same semantics over the simulated network. */
export * from 'node:net';
export { createServer, Server } from './server.js';
export { Socket } from './socket.js';
