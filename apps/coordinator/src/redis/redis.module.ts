import { Module } from '@nestjs/common';
import { StorageModule } from '../storage/storage.module.js';
import { RedisLink } from './redis-link.js';

/** Redis. The coordinator lease belongs to the data folder, so it needs that. */
@Module({ imports: [StorageModule], providers: [RedisLink], exports: [RedisLink] })
export class RedisModule {}
