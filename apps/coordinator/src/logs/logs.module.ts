import { Module } from '@nestjs/common';
import { LogsController } from './logs.controller.js';
import { LogsService } from './logs.service.js';

/** `/v1/logs`: the logs of the stack's processes. */
@Module({ controllers: [LogsController], providers: [LogsService] })
export class LogsModule {}
