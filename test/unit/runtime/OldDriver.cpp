//===- OldDriver.cpp - A libcuda of long ago ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

extern "C" {

int cuInit(unsigned) { return 0; }

int cuDriverGetVersion(int *version) {
  *version = 11040;
  return 0;
}

} // extern "C"
