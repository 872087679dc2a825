import { Module } from '@nestjs/common';
import { DatasetScans } from './dataset-scans.js';

/** Looks at the data sets that submissions name, in a process of its own. */
@Module({ providers: [{ provide: DatasetScans, useFactory: () => new DatasetScans() }], exports: [DatasetScans] })
export class DatasetsModule {}
