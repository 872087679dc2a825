import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { ExportsController } from './exports.controller.js';
import { EXPORT_THREAD_URL, Exports } from './exports.js';

/** Writes runs' networks in the formats of other programs. */
@Module({
  imports: [StorageModule, RunsModule],
  controllers: [ExportsController],
  providers: [Exports, { provide: EXPORT_THREAD_URL, useValue: new URL('./export-thread.js', import.meta.url) }],
})
export class ExportsModule {}
