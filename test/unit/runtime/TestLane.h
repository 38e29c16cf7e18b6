//===- TestLane.h - A lane that a test reads ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The memory of one host lane, read by the test as a device reads it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "LaneWriter.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace rk::test {

/// One lane; the test is the device.
struct TestLane {
  TestLane(std::uint32_t capacity, std::uint32_t stride, bool onDevice = false)
      : ring(capacity), staging(std::size_t(capacity) * stride),
        onDevice(onDevice), writer(places(), capacity, stride),
        capacity(capacity), stride(stride) {}

  runtime::LaneWriter::Places places() {
    return {ring.data(), staging.data(), &consumed, onDevice ? nullptr : &tail};
  }

  /// Another writer of the same lane.
  std::unique_ptr<runtime::LaneWriter> anotherWriter() {
    return std::make_unique<runtime::LaneWriter>(places(), capacity, stride);
  }

  /// Reads one packet as a device does.
  bool read(runtime::PacketContent &content,
            std::vector<unsigned char> *staged) {
    const std::size_t index = position & (capacity - 1);
    if (!runtime::readPacket(&ring[index], content,
                             abi::ringMark(position, capacity)))
      return false;
    if (staged) {
      staged->resize(stride);
      runtime::copyWords(staged->data(), &staging[index * stride], stride);
    }
    ++position;
    __atomic_store_n(&consumed, position, __ATOMIC_RELEASE);
    return true;
  }

  std::vector<abi::Packet> ring;
  std::vector<unsigned char> staging;
  bool onDevice;
  std::uint64_t consumed = 0;
  std::uint64_t tail = 0;
  runtime::LaneWriter writer;
  std::uint32_t capacity;
  std::uint32_t stride;
  std::uint64_t position = 0;
};

inline runtime::PacketContent numbered(std::uint32_t thread,
                                       std::uint32_t number) {
  runtime::PacketContent content;
  content.header.slot = thread;
  content.header.message = 7;
  for (std::uint32_t i = 0; i < 8; ++i)
    content.payload[i] = number * 8 + i;
  return content;
}

} // namespace rk::test
