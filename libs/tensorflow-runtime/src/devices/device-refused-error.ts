import { RefusedInputError } from '#contracts';

const WAY_OUT = 'SKIPLANE_DEVICE=cpu computes on the CPU instead';

/** There is no device to compute on as asked for; nothing fell back to the CPU. Its message says how to get there. */
export class DeviceRefusedError extends RefusedInputError {
  /**
   * @param isBusy the devices are there and others hold them
   */
  constructor(
    message: string,
    readonly isBusy = false,
    options?: ErrorOptions,
  ) {
    super(`${message}. ${WAY_OUT}`, [], options);
  }
}
