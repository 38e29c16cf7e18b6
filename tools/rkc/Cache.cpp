//===- Cache.cpp - What was compiled before -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Cache.h"

#include "Diagnostics.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cstdlib>
#include <link.h>

namespace fs = llvm::sys::fs;

namespace rkc::driver {
namespace {

constexpr llvm::StringLiteral Magic = "rkc-cache 1\n";
constexpr uint64_t DefaultLimitMib = 1024;
/// Outputs kept of one command line, for sources that change back and forth.
constexpr size_t LargestFamily = 4;

using Digest = llvm::BLAKE3Result<>;

llvm::StringRef bytesOf(const Digest &digest) {
  return {reinterpret_cast<const char *>(digest.data()), digest.size()};
}

std::string pathOf(llvm::StringRef folder, llvm::StringRef name) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, name);
  return std::string(path);
}

/// Hashes words so that no two lists of words look the same.
class Hasher {
public:
  void add(llvm::StringRef word) {
    addNumber(word.size());
    hash.update(word);
  }
  void addAll(llvm::ArrayRef<std::string> words) {
    addNumber(words.size());
    for (const std::string &word : words)
      add(word);
  }
  void addNumber(uint64_t number) {
    char bytes[8];
    llvm::support::endian::write64le(bytes, number);
    hash.update(llvm::StringRef(bytes, sizeof(bytes)));
  }
  /// A program or library: too large to read each time.
  void addIdentity(llvm::StringRef path) {
    add(path);
    fs::file_status status;
    if (fs::status(path, status))
      return addNumber(0);
    addNumber(status.getSize());
    addNumber(
        uint64_t(status.getLastModificationTime().time_since_epoch().count()));
  }
  Digest final() { return hash.final(); }

private:
  llvm::BLAKE3 hash;
};

std::optional<Digest> hashOfFile(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return std::nullopt;
  return llvm::BLAKE3::hash<>(
      llvm::arrayRefFromStringRef((*buffer)->getBuffer()));
}

int addLibrary(dl_phdr_info *info, size_t, void *hasher) {
  static_cast<Hasher *>(hasher)->addIdentity(info->dlpi_name);
  return 0;
}

/// Adds the compiler itself, and what it runs and reads.
void addTools(Hasher &hash, const CommandLine &line, const Toolchain &toolchain,
              llvm::StringRef executable) {
  hash.add(RK_VERSION " " LLVM_VERSION_STRING);
  hash.addIdentity(executable);
  dl_iterate_phdr(addLibrary, &hash);
  std::string path, ignored;
  for (bool gpu : {false, true})
    if (toolchain.findDeviceLibrary(gpu, path, ignored))
      hash.addIdentity(path);
  if (llvm::any_of(line.targets, [](const Target &t) { return t.isGpu(); })) {
    hash.addIdentity(toolchain.findPtxas(path, ignored) ? path : "");
    hash.addIdentity(toolchain.findLibdevice(path, ignored) ? path : "");
  }
  if (llvm::any_of(line.targets, [](const Target &t) { return t.isHost(); }))
    hash.addIdentity(toolchain.findLinker(path, ignored) ? path : "");
  // The newest of these is where the C++ library's headers are taken from.
  hash.addIdentity("/usr/lib/gcc/x86_64-linux-gnu");
}

/// Adds what the command line and the environment say.
void addRequest(Hasher &hash, const CommandLine &line) {
  hash.addAll(line.sources);
  hash.addNumber(uint64_t(line.emit));
  for (const Target &target : line.targets)
    hash.add(target.name);
  hash.addNumber(uint64_t(line.gate));
  hash.addAll(line.includeDirs);
  hash.addAll(line.languageFlags);
  hash.add(line.standard);
  hash.addNumber(line.optLevel);
  hash.addNumber(line.debugInfo);
  hash.addNumber(line.sanitizeThread);
  hash.add(line.resourceDir);
  for (const char *name : {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH",
                           "GCC_INSTALL_PREFIX", "SOURCE_DATE_EPOCH"}) {
    const char *value = std::getenv(name);
    hash.add(value ? value : "");
  }
}

/// What takes time, or says something, must happen each time.
bool canKeep(const CommandLine &line) {
  return !line.noCache && !line.stopAfter && !line.showTimes && !line.remarks &&
         line.crashStep.empty() && !line.fromMlir() && line.emit != Emit::Ast;
}

/// Returns the folder; empty if there is to be none.
std::string chooseFolder(bool &isNamed) {
  if (const char *named = std::getenv("RK_CACHE_DIR")) {
    isNamed = *named != 0;
    return named;
  }
  llvm::SmallString<128> path;
  if (!llvm::sys::path::cache_directory(path))
    return "";
  return pathOf(path, "ringkernel");
}

uint64_t chooseLimit() {
  uint64_t mib = DefaultLimitMib;
  const char *text = std::getenv("RK_CACHE_MIB");
  if (text && *text && llvm::StringRef(text).getAsInteger(10, mib)) {
    llvm::errs() << "rkc: warning: RK_CACHE_MIB is '" << text
                 << "', not a number; using " << DefaultLimitMib << "\n";
    mib = DefaultLimitMib;
  }
  return mib << 20;
}

/// Writes words into an entry, each after its length.
class Writer {
public:
  void add(llvm::StringRef word) {
    addNumber(word.size());
    text += word;
  }
  void addNumber(uint64_t number) {
    char bytes[8];
    llvm::support::endian::write64le(bytes, number);
    text.append(bytes, sizeof(bytes));
  }
  std::string text;
};

/// Reads them again; `isGood` turns false where an entry ends too early.
class Reader {
public:
  explicit Reader(llvm::StringRef text) : text(text) {}
  uint64_t number() {
    if (text.size() < 8) {
      isGood = false;
      return 0;
    }
    uint64_t value = llvm::support::endian::read64le(text.data());
    text = text.drop_front(8);
    return value;
  }
  llvm::StringRef word() {
    uint64_t size = number();
    isGood &= size <= text.size();
    if (!isGood)
      return "";
    llvm::StringRef result = text.take_front(size);
    text = text.drop_front(size);
    return result;
  }
  bool isGood = true;

private:
  llvm::StringRef text;
};

enum class Fit { Damaged, OtherInput, Good };

/// Reads one entry and compares its input with the files as they are.
Fit readEntry(llvm::StringRef path, CacheEntry &entry) {
  std::string bytes, ignored;
  if (!readFile(path, bytes, ignored))
    return Fit::OtherInput;
  llvm::StringRef text = bytes;
  if (!text.consume_front(Magic) || text.size() < sizeof(Digest))
    return Fit::Damaged;
  llvm::StringRef digest = text.take_front(sizeof(Digest));
  text = text.drop_front(sizeof(Digest));
  if (bytesOf(llvm::BLAKE3::hash<>(llvm::arrayRefFromStringRef(text))) !=
      digest)
    return Fit::Damaged;
  Reader reader(text);
  for (uint64_t left = reader.number(); left != 0 && reader.isGood; --left) {
    llvm::StringRef file = reader.word(), expected = reader.word();
    std::optional<Digest> found = hashOfFile(file);
    if (!found || bytesOf(*found) != expected)
      return Fit::OtherInput;
    entry.dependencies.push_back(file.str());
  }
  for (uint64_t left = reader.number(); left != 0 && reader.isGood; --left)
    if (fs::exists(reader.word()))
      return Fit::OtherInput;
  entry.product = reader.word().str();
  return reader.isGood ? Fit::Good : Fit::Damaged;
}

struct StoredFile {
  std::string path;
  uint64_t size;
  llvm::sys::TimePoint<> used;
};

bool isOlder(const StoredFile &left, const StoredFile &right) {
  return left.used < right.used;
}

/// The files in `folder` and below it, those longest unused first.
std::vector<StoredFile> filesBelow(llvm::StringRef folder) {
  std::vector<StoredFile> files;
  std::error_code problem;
  for (fs::recursive_directory_iterator at(folder, problem), end;
       at != end && !problem; at.increment(problem)) {
    auto status = at->status();
    if (status && status->type() == fs::file_type::regular_file)
      files.push_back(
          {at->path(), status->getSize(), status->getLastModificationTime()});
  }
  std::sort(files.begin(), files.end(), isOlder);
  return files;
}

void shrinkFamily(llvm::StringRef keyFolder) {
  std::vector<StoredFile> files = filesBelow(keyFolder);
  for (size_t i = 0; i + LargestFamily < files.size(); ++i)
    fs::remove(files[i].path);
}

void shrinkTo(llvm::StringRef folder, uint64_t limit) {
  std::vector<StoredFile> files = filesBelow(folder);
  uint64_t total = 0;
  for (const StoredFile &file : files)
    total += file.size;
  for (const StoredFile &file : files) {
    if (total <= limit)
      return;
    if (!fs::remove(file.path))
      total -= file.size;
  }
}

/// Notes that an entry was used, so that it stays.
void touch(llvm::StringRef path) {
  int file = -1;
  if (fs::openFileForWrite(path, file, fs::CD_OpenExisting, fs::OF_Append))
    return;
  (void)fs::setLastAccessAndModificationTime(file,
                                             std::chrono::system_clock::now());
  (void)llvm::sys::Process::SafelyCloseFileDescriptor(file);
}

} // namespace

Cache::Cache(const CommandLine &line, const Toolchain &toolchain,
             llvm::StringRef executable) {
  if (!canKeep(line))
    return;
  std::string chosen = chooseFolder(isNamed);
  if (chosen.empty())
    return;
  start = std::chrono::system_clock::now();
  limitBytes = chooseLimit();
  Hasher hash;
  addTools(hash, line, toolchain, executable);
  addRequest(hash, line);
  std::string key = llvm::toHex(bytesOf(hash.final()), /*LowerCase=*/true);
  folder = chosen;
  keyFolder = pathOf(pathOf(folder, key.substr(0, 2)), key.substr(2, 30));
}

bool Cache::find(CacheEntry &entry) const {
  if (!isOn())
    return false;
  const std::vector<StoredFile> files = filesBelow(keyFolder);
  for (const StoredFile &file : llvm::reverse(files)) {
    if (!llvm::StringRef(file.path).ends_with(".entry"))
      continue;
    entry = CacheEntry();
    Fit fit = readEntry(file.path, entry);
    if (fit == Fit::Damaged)
      fs::remove(file.path);
    if (fit != Fit::Good)
      continue;
    touch(file.path);
    return true;
  }
  return false;
}

bool Cache::store(const CacheEntry &entry, std::string &error) const {
  Writer writer;
  writer.addNumber(entry.dependencies.size());
  for (const std::string &path : entry.dependencies) {
    fs::file_status status;
    std::optional<Digest> digest = hashOfFile(path);
    // Changed while it was compiled: nobody knows which content was read.
    if (!digest || fs::status(path, status) ||
        status.getLastModificationTime() >= start)
      return true;
    writer.add(path);
    writer.add(bytesOf(*digest));
  }
  writer.addNumber(entry.missing.size());
  for (const std::string &path : entry.missing)
    writer.add(path);
  Digest input = llvm::BLAKE3::hash<>(llvm::arrayRefFromStringRef(writer.text));
  writer.add(entry.product);
  Digest whole = llvm::BLAKE3::hash<>(llvm::arrayRefFromStringRef(writer.text));
  if (std::error_code problem = fs::create_directories(keyFolder)) {
    error = "cannot make '" + keyFolder + "': " + problem.message();
    return false;
  }
  std::string name =
      llvm::toHex(bytesOf(input).take_front(16), /*LowerCase=*/true);
  return writeFile(pathOf(keyFolder, name + ".entry"),
                   (Magic + bytesOf(whole) + writer.text).str(), error);
}

void Cache::keep(const CacheEntry &entry) const {
  std::string error;
  if (!isOn())
    return;
  if (store(entry, error)) {
    shrinkFamily(keyFolder);
    shrinkTo(folder, limitBytes);
  } else if (isNamed) {
    llvm::errs() << "rkc: warning: the output is not kept: " << error
                 << "; set RK_CACHE_DIR to a folder that can be written to, or "
                    "use --no-cache\n";
  }
}

} // namespace rkc::driver
