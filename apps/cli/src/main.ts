#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { registerBenchCommand } from './bench/index.js';
import { registerClientCommands } from './client/index.js';
import { registerDataCommand } from './data/data-command.js';
import { registerDemoCommand } from './demo/index.js';
import { registerDoctorCommand } from './doctor/doctor-command.js';
import { registerEvaluateCommand } from './evaluate/evaluate-command.js';
import { registerExportCommand } from './export/export-command.js';
import { registerModelsCommand } from './models/models-command.js';
import { registerPredictCommand } from './predict/predict-command.js';
import { registerRecipesCommand } from './recipes/recipes-command.js';
import { registerProvisionCommand } from './provision.js';
import { registerStudyCommand } from './study/index.js';
import { packageRoot } from './stack/package-root.js';
import { registerUpCommand } from './up.js';

const packageSchema = z.object({ version: z.string(), description: z.string() });
const { version, description } = packageSchema.parse(
  JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')),
);

const program = new Command('skiplane')
  .description(description)
  .version(version)
  .showHelpAfterError('(skiplane --help lists the commands)')
  .helpCommand(true);
registerUpCommand(program);
registerClientCommands(program);
registerDemoCommand(program);
registerStudyCommand(program);
registerDoctorCommand(program);
registerModelsCommand(program);
registerRecipesCommand(program);
registerExportCommand(program);
registerEvaluateCommand(program);
registerPredictCommand(program);
registerBenchCommand(program);
registerDataCommand(program);
registerProvisionCommand(program);
await program.parseAsync();
