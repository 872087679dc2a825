import { Module } from '@nestjs/common';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';
import { CheckpointFiles } from './checkpoint-files.js';
import { DataFolder } from './data-folder.js';
import { EvaluationWeights } from './evaluation-weights.js';
import { RemovalLog } from './removal-log.js';
import { ReportsCursor } from './reports-cursor.js';
import { StoredFiles } from './stored-files.js';

/** The disk. The deepest module: the data folder is taken before all else and let go of after it. */
@Module({
  providers: [
    {
      provide: DataFolder,
      inject: [CONFIG],
      useFactory: ({ dataDirectory }: CoordinatorConfig) => DataFolder.take(dataDirectory),
    },
    {
      provide: ReportsCursor,
      inject: [DataFolder],
      useFactory: (folder: DataFolder) => folder.read((path) => ReportsCursor.read(path)),
    },
    CheckpointFiles,
    StoredFiles,
    EvaluationWeights,
    RemovalLog,
  ],
  exports: [DataFolder, ReportsCursor, CheckpointFiles, StoredFiles, EvaluationWeights, RemovalLog],
})
export class StorageModule {}
