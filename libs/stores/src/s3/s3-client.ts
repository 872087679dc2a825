import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { StoreSettings } from '../store-settings.js';

export type Sdk = typeof import('@aws-sdk/client-s3');

export interface OpenS3 {
  readonly sdk: Sdk;
  readonly client: S3Client;
}

/** Where neither environment nor shared file names a region; the client follows a bucket that lies elsewhere. */
const USUAL_REGION = 'us-east-1';

/** Without credentials nothing would be sent; these are not sent. */
const UNSIGNED: S3ClientConfig = {
  credentials: { accessKeyId: 'anonymous', secretAccessKey: 'anonymous' },
  signer: { sign: (request) => Promise.resolve(request) },
};

/**
 * A client with the usual ways to credentials: environment, shared file, container and instance roles. Endpoint and region come
 * from the same places (AWS_ENDPOINT_URL_S3, AWS_REGION, …). The package takes 0.3 s to load, so it is loaded here.
 */
export async function openS3({ s3PathStyle, isS3Anonymous }: StoreSettings): Promise<OpenS3> {
  // Which Node runs it is the operator's choice; the package would tell every process of it.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const sdk = await import('@aws-sdk/client-s3');
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  const common: S3ClientConfig = {
    // Patience repeats, in one way for all stores.
    maxAttempts: 1,
    followRegionRedirects: true,
    // Stores other than Amazon's do not know the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A shared credentials file may be written anew while this process runs.
    credentialDefaultProvider: (init: object) => defaultProvider({ ...init, ignoreCache: true }),
    ...(isS3Anonymous ? UNSIGNED : {}),
  };
  const asked = new sdk.S3Client(common);
  const region = await readRegion(asked);
  const hasEndpoint = (await asked.config.serviceConfiguredEndpoint?.()) !== undefined;
  asked.destroy();
  const forcePathStyle = s3PathStyle === 'on' || (s3PathStyle === 'auto' && hasEndpoint);
  return { sdk, client: new sdk.S3Client({ ...common, region, forcePathStyle }) };
}

async function readRegion(client: S3Client): Promise<string> {
  try {
    return await client.config.region();
  } catch {
    return USUAL_REGION;
  }
}
