/*
 * Preloaded into a process (LD_PRELOAD): every session of TensorFlow there has three CPU devices, `/device:CPU:0` to `/device:CPU:2`,
 * with memory of their own. Stands between the binding, which asks for sessions without options, and the library.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

/* TensorFlow's ConfigProto: device_count { key: "CPU" value: 3 }. */
static const unsigned char CONFIG[] = {0x0a, 7, 0x0a, 3, 'C', 'P', 'U', 0x10, 3};

static void *function(const char *name) {
  void *library = dlopen("libtensorflow_cc.so.2", RTLD_LAZY | RTLD_NOLOAD);
  void *found = library ? dlsym(library, name) : NULL;
  if (!found) {
    fprintf(stderr, "cpu-devices: there is no %s\n", name);
    abort();
  }
  return found;
}

void *TF_NewSessionOptions(void) {
  void *(*new_options)(void) = function("TF_NewSessionOptions");
  void *(*new_status)(void) = function("TF_NewStatus");
  void (*set_config)(void *, const void *, size_t, void *) = function("TF_SetConfig");
  int (*code_of)(const void *) = function("TF_GetCode");
  void *options = new_options();
  void *status = new_status();
  set_config(options, CONFIG, sizeof CONFIG, status);
  if (code_of(status) != 0) abort();
  return options;
}
