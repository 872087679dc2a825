import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CLOCK, CONFIG, DURATIONS, LOGGER, ON_REPLACED, USUAL_DURATIONS, type Settings } from './settings.js';

/** What every part may ask for. */
@Global()
@Module({
  providers: [
    { provide: DURATIONS, useValue: USUAL_DURATIONS },
    { provide: CLOCK, useValue: () => Date.now() },
  ],
  exports: [DURATIONS, CLOCK, CONFIG, LOGGER, ON_REPLACED],
})
export class ConfigModule {
  static with({ config, logger, onReplaced }: Settings): DynamicModule {
    return {
      module: ConfigModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: ON_REPLACED, useValue: onReplaced },
      ],
    };
  }
}
