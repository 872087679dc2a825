import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { publicPath } from './public-path.js';

/** Points at a schema of the contracts by its id. */
export function reference(id: string): { $ref: string } {
  return { $ref: `#/components/schemas/${id}` };
}

/** Describes the API at /docs, /docs-json and /docs-yaml, under the address that the asker sees. */
export function setUpDocs(app: INestApplication): void {
  SwaggerModule.setup('docs', app, openApiDocument(app), {
    patchDocumentOnRequest: (_request, response, document) => ({
      ...document,
      servers: [{ url: publicPath(response as Response, '') || '/' }],
    }),
    swaggerOptions: {
      // Runs in the browser; the header says that the page is our own.
      requestInterceptor: (request: { headers: Record<string, string> }) => {
        request.headers['X-Skiplane-Page'] = 'docs';
        return request;
      },
    },
  });
}

/** The OpenAPI document: routes from the controllers, schemas from the contracts. */
function openApiDocument(app: INestApplication): OpenAPIObject {
  const description = new DocumentBuilder()
    .setTitle('Skiplane')
    .setDescription('Distributed training of residual networks')
    .setVersion('1')
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(app, description);
  return { ...document, components: { ...document.components, schemas: schemas() } };
}

function schemas(): NonNullable<NonNullable<OpenAPIObject['components']>['schemas']> {
  // Whatever the contracts give an id by `.meta({ id })` is in this registry.
  const converted = z.toJSONSchema(z.globalRegistry, {
    target: 'openapi-3.0',
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(converted.schemas).map(([id, { $id: _uri, $schema: _dialect, ...schema }]) => [id, schema]),
  ) as ReturnType<typeof schemas>;
}
