//===- DeviceWindow.cpp - Memory from Vulkan for CUDA ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/DeviceWindow.h"

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan_core.h>

#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <unistd.h>

namespace rk::runtime::cuda {

namespace {

constexpr VkMemoryPropertyFlags Wanted = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT |
                                         VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                         VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkExternalMemoryHandleTypeFlagBits HandleType =
    VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT;

Status missing(std::string text) {
  return Status(StatusCode::NoDevice, std::move(text));
}
Status failed(const char *call, VkResult result) {
  return missing(std::string(call) + " failed with VkResult " +
                 std::to_string(int(result)));
}

/// Vulkan's view of one GPU, for the rest of the process: what it takes to
/// destroy one while another thread uses the driver is nobody's business.
class VulkanDevice {
public:
  Status open(const CUuuid &uuid);

  struct Memory {
    VkDeviceMemory memory = VK_NULL_HANDLE;
    unsigned char *host = nullptr;
    int file = -1; ///< the caller's, unless CUDA has taken it
  };
  Status allocate(std::uint64_t bytes, Memory &memory) const;
  void free(VkDeviceMemory memory) const {
    freeMemory_(device_, memory, nullptr);
  }

private:
  Status openInstance();
  Status findDevice(const CUuuid &uuid);
  Status findMemoryType();
  Status openDevice();
  /// Finds functions, each followed by its name.
  template <class Function, class... Others>
  Status find(Function &function, const char *name, Others &&...others) {
    function = reinterpret_cast<Function>(get_(instance_, name));
    if (!function)
      return missing(std::string("the Vulkan loader has no ") + name);
    if constexpr (sizeof...(others) != 0)
      return find(others...);
    else
      return {};
  }

  PFN_vkGetInstanceProcAddr get_ = nullptr;
  VkInstance instance_ = VK_NULL_HANDLE;
  VkPhysicalDevice physical_ = VK_NULL_HANDLE;
  std::uint32_t memoryType_ = 0;
  VkDevice device_ = VK_NULL_HANDLE;
  PFN_vkAllocateMemory allocateMemory_ = nullptr;
  PFN_vkFreeMemory freeMemory_ = nullptr;
  PFN_vkMapMemory mapMemory_ = nullptr;
  PFN_vkGetMemoryFdKHR getMemoryFile_ = nullptr;
};

Status VulkanDevice::open(const CUuuid &uuid) {
  Status status = openInstance();
  if (status.isOk())
    status = findDevice(uuid);
  if (status.isOk())
    status = findMemoryType();
  if (status.isOk())
    status = openDevice();
  return status;
}

Status VulkanDevice::openInstance() {
  void *const library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *const reason = dlerror();
    return missing(reason ? reason : "libvulkan.so.1 is not there");
  }
  get_ = reinterpret_cast<PFN_vkGetInstanceProcAddr>(
      dlsym(library, "vkGetInstanceProcAddr"));
  if (!get_)
    return missing("libvulkan.so.1 has no vkGetInstanceProcAddr");
  PFN_vkCreateInstance create = nullptr;
  if (Status status = find(create, "vkCreateInstance"); !status.isOk())
    return status;
  VkApplicationInfo application{};
  application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
  application.apiVersion = VK_API_VERSION_1_1;
  VkInstanceCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
  info.pApplicationInfo = &application;
  const VkResult result = create(&info, nullptr, &instance_);
  return result == VK_SUCCESS ? Status() : failed("vkCreateInstance", result);
}

Status VulkanDevice::findDevice(const CUuuid &uuid) {
  PFN_vkEnumeratePhysicalDevices enumerate = nullptr;
  PFN_vkGetPhysicalDeviceProperties2 properties = nullptr;
  if (Status status = find(enumerate, "vkEnumeratePhysicalDevices", properties,
                           "vkGetPhysicalDeviceProperties2");
      !status.isOk())
    return status;
  std::uint32_t count = 0;
  enumerate(instance_, &count, nullptr);
  std::vector<VkPhysicalDevice> devices(count);
  enumerate(instance_, &count, devices.data());
  devices.resize(count);
  for (const VkPhysicalDevice device : devices) {
    VkPhysicalDeviceIDProperties id{};
    id.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES;
    VkPhysicalDeviceProperties2 found{};
    found.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
    found.pNext = &id;
    properties(device, &found);
    static_assert(sizeof(id.deviceUUID) == sizeof(uuid.bytes));
    if (std::memcmp(id.deviceUUID, uuid.bytes, sizeof(uuid.bytes)) == 0) {
      physical_ = device;
      return {};
    }
  }
  return missing("the GPU is none of Vulkan's " + std::to_string(count) +
                 " devices; its driver may be installed for computing alone");
}

Status VulkanDevice::findMemoryType() {
  PFN_vkGetPhysicalDeviceMemoryProperties properties = nullptr;
  if (Status status = find(properties, "vkGetPhysicalDeviceMemoryProperties");
      !status.isOk())
    return status;
  VkPhysicalDeviceMemoryProperties found;
  properties(physical_, &found);
  for (std::uint32_t i = 0; i < found.memoryTypeCount; ++i)
    if ((found.memoryTypes[i].propertyFlags & Wanted) == Wanted) {
      memoryType_ = i;
      return {};
    }
  return missing("the host can reach none of the GPU's memory");
}

Status VulkanDevice::openDevice() {
  PFN_vkCreateDevice create = nullptr;
  PFN_vkGetDeviceProcAddr get = nullptr;
  if (Status status =
          find(create, "vkCreateDevice", get, "vkGetDeviceProcAddr");
      !status.isOk())
    return status;
  const float priority = 1;
  VkDeviceQueueCreateInfo queue{};
  queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;
  const char *const extension = VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME;
  VkDeviceCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  info.enabledExtensionCount = 1;
  info.ppEnabledExtensionNames = &extension;
  if (const VkResult result = create(physical_, &info, nullptr, &device_);
      result != VK_SUCCESS)
    return failed("vkCreateDevice", result);
  const auto set = [&](auto &function, const char *name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(
        get(device_, name));
    return function != nullptr;
  };
  if (!set(allocateMemory_, "vkAllocateMemory") ||
      !set(freeMemory_, "vkFreeMemory") || !set(mapMemory_, "vkMapMemory") ||
      !set(getMemoryFile_, "vkGetMemoryFdKHR"))
    return missing("the Vulkan driver lacks a function for memory");
  return {};
}

Status VulkanDevice::allocate(std::uint64_t bytes, Memory &memory) const {
  VkExportMemoryAllocateInfo exported{};
  exported.sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO;
  exported.handleTypes = HandleType;
  VkMemoryAllocateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
  info.pNext = &exported;
  info.allocationSize = bytes;
  info.memoryTypeIndex = memoryType_;
  VkResult result = allocateMemory_(device_, &info, nullptr, &memory.memory);
  if (result != VK_SUCCESS)
    return failed("vkAllocateMemory", result);
  void *host = nullptr;
  result = mapMemory_(device_, memory.memory, 0, VK_WHOLE_SIZE, 0, &host);
  memory.host = static_cast<unsigned char *>(host);
  VkMemoryGetFdInfoKHR file{};
  file.sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR;
  file.memory = memory.memory;
  file.handleType = HandleType;
  if (result == VK_SUCCESS)
    result = getMemoryFile_(device_, &file, &memory.file);
  if (result == VK_SUCCESS)
    return {};
  free(memory.memory);
  return failed("vkMapMemory or vkGetMemoryFdKHR", result);
}

/// One for each GPU of the process, with what became of it.
struct Opened {
  std::once_flag once;
  VulkanDevice device;
  Status status;
};

Opened &openedDevice(const Driver &driver, CUdevice device) {
  static std::mutex mutex;
  static auto &all = *new std::map<CUdevice, std::unique_ptr<Opened>>;
  Opened *opened = nullptr;
  {
    const std::lock_guard lock(mutex);
    auto &place = all[device];
    if (!place)
      place = std::make_unique<Opened>();
    opened = place.get();
  }
  std::call_once(opened->once, [&] {
    CUuuid uuid{};
    opened->status =
        driver.check(driver.deviceGetUuid(&uuid, device), "cuDeviceGetUuid");
    if (opened->status.isOk())
      opened->status = opened->device.open(uuid);
  });
  return *opened;
}

/// Maps `memory` for CUDA, which takes its file.
Status importMemory(const Driver &driver, VulkanDevice::Memory &memory,
                    std::uint64_t bytes, CUexternalMemory &imported,
                    CUdeviceptr &device) {
  ExternalMemoryHandle handle{};
  handle.type = ExternalMemoryFile;
  handle.handle.file = memory.file;
  handle.size = bytes;
  Status status = driver.check(driver.importExternalMemory(&imported, &handle),
                               "cuImportExternalMemory");
  if (!status.isOk()) {
    ::close(memory.file);
    return status;
  }
  ExternalMemoryBuffer buffer{};
  buffer.size = bytes;
  status = driver.check(driver.externalMemoryBuffer(&device, imported, &buffer),
                        "cuExternalMemoryGetMappedBuffer");
  if (!status.isOk())
    driver.destroyExternalMemory(imported);
  return status;
}

} // namespace

Status prepareDeviceWindow(const Driver &driver, CUdevice device) {
  return openedDevice(driver, device).status;
}

rk::Result<DeviceWindow> makeDeviceWindow(const Driver &driver, CUdevice device,
                                          std::uint64_t bytes) {
  const Opened &opened = openedDevice(driver, device);
  if (!opened.status.isOk())
    return opened.status;
  const VulkanDevice &vulkan = opened.device;
  VulkanDevice::Memory memory;
  if (Status status = vulkan.allocate(bytes, memory); !status.isOk())
    return status;
  CUexternalMemory imported = nullptr;
  CUdeviceptr address = 0;
  if (Status status = importMemory(driver, memory, bytes, imported, address);
      !status.isOk()) {
    vulkan.free(memory.memory);
    return status;
  }
  return DeviceWindow{
      memory.host, address,
      [&driver, &vulkan, imported, address, vulkanMemory = memory.memory] {
        driver.memoryFree(address);
        driver.destroyExternalMemory(imported);
        vulkan.free(vulkanMemory);
      }};
}

} // namespace rk::runtime::cuda
