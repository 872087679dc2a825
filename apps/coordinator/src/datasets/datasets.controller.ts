import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { datasetSchema, newDatasetSchema, type DatasetList, type DatasetView } from '#contracts';
import { reference } from '../http/openapi.js';
import { publicPath } from '../http/public-path.js';
import { validated } from '../http/validated.js';
import { DatasetsService } from './datasets.service.js';

@ApiTags('datasets')
@ApiResponse({
  status: '4XX',
  description: 'Refused',
  content: { 'application/problem+json': { schema: reference('Problem') } },
})
@Controller('v1/datasets')
export class DatasetsController {
  readonly #datasets: DatasetsService;

  constructor(datasets: DatasetsService) {
    this.#datasets = datasets;
  }

  @Post()
  @ApiOperation({
    summary: 'Give a data set a name: it is surveyed in the background, and runs may name it',
    description: 'Repeated with the same it answers with what is there (200). 409 where the name is taken by another',
  })
  @ApiBody({ schema: reference('NewDataset') })
  @ApiResponse({ status: 201, description: 'The data set, whose survey has begun', schema: reference('Dataset') })
  async add(@Body() body: unknown, @Res({ passthrough: true }) response: Response): Promise<DatasetView> {
    const { view, isNew } = await this.#datasets.add(validated(newDatasetSchema, body, 'the data set'));
    response.status(isNew ? 201 : 200).location(publicPath(response, `/v1/datasets/${view.name}`));
    return view;
  }

  @Get()
  @ApiOperation({ summary: 'List the data sets that have names, with the progress of their surveys' })
  @ApiResponse({ status: 200, schema: reference('DatasetList') })
  list(): DatasetList {
    return this.#datasets.list();
  }

  @Get(':name')
  @ApiOperation({ summary: 'Show a data set: survey, versions, classes, what was left out, runs that name it' })
  @ApiResponse({ status: 200, schema: reference('Dataset') })
  show(@Param('name') name: string): DatasetView {
    return this.#datasets.show(name);
  }

  @Put(':name')
  @ApiOperation({
    summary: 'Put a name to another place, which is surveyed',
    description: 'Other samples than before make another version. The body is the `dataset` of a run',
  })
  @ApiBody({ schema: reference('DatasetSpec') })
  @ApiResponse({ status: 200, schema: reference('Dataset') })
  put(@Param('name') name: string, @Body() body: unknown): Promise<DatasetView> {
    return this.#datasets.put(name, validated(datasetSchema, body, 'the data set'));
  }

  @Post(':name/survey')
  @HttpCode(200)
  @ApiOperation({ summary: 'Survey a data set again; what has not changed is not looked at' })
  @ApiResponse({ status: 200, schema: reference('Dataset') })
  survey(@Param('name') name: string): Promise<DatasetView> {
    return this.#datasets.survey(name);
  }

  @Post(':name/survey/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel a survey; the next one goes on where it stopped' })
  @ApiResponse({ status: 200, schema: reference('Dataset') })
  cancel(@Param('name') name: string): Promise<DatasetView> {
    return this.#datasets.cancel(name);
  }

  @Delete(':name')
  @ApiOperation({ summary: 'Take a name away; its files and the runs that named it stay' })
  @ApiResponse({ status: 200, description: 'The data set as it was', schema: reference('Dataset') })
  remove(@Param('name') name: string): Promise<DatasetView> {
    return this.#datasets.remove(name);
  }
}
