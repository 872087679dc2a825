import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';

/** Points at a schema of the contracts by its id. */
export function reference(id: string): { $ref: string } {
  return { $ref: `#/components/schemas/${id}` };
}

/** The OpenAPI document: routes from the controllers, schemas from the contracts. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
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
