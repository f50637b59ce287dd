#pragma once
// Ranks of a communicator: what each has come to, and the calls that wait for the others.
#include "runtime.h"

/// NCCL's codes.
enum Result {
  done = 0,
  unhandledError = 1,
  internalError = 3,
  invalidArgument = 4,
  invalidUsage = 5,
};

enum class Kind { allReduce, reduceScatter, allGather, broadcast, send, receive };

/// What one rank asks for.
struct Call {
  Kind kind;
  const char *from;
  char *to;
  size_t count;
  int type;
  int operation = 0;
  int peer = -1;  // of broadcast, the root

  bool isLike(const Call &other) const {
    return kind == other.kind && count == other.count && type == other.type &&
           operation == other.operation && peer == other.peer;
  }
};

struct Team;

/// One rank's communicator.
struct Member {
  std::shared_ptr<Team> team;
  int rank;
  Device *device;
  /// The stream of its first call: others are refused here, though NCCL would order them.
  void *stream = nullptr;
  bool isAborted = false, hasLeft = false;
  int error = done;
  /// Collectives it has come to, and what of it is under way.
  long next = 0;
  std::set<std::shared_ptr<Pending>> underWay;
};

/// A call that waits for other ranks.
struct Waiting {
  Call call;
  Member *member;
  std::shared_ptr<Pending> pending;
};

struct Team {
  int ranks;
  std::vector<std::shared_ptr<Member>> members;
  /// By the number of the collective: the ranks that have come to it.
  std::map<long, std::vector<Waiting>> rounds;
  /// By sender and receiver: sends or receives without their counterpart, oldest first.
  std::map<std::pair<int, int>, std::deque<Waiting>> mail;
  /// Ranks that split: colour and key of each, and what came of it.
  std::map<int, std::pair<int, int>> splitters;
  std::map<int, std::shared_ptr<Member>> parts;
  int splits = 0;

  explicit Team(int ranks) : ranks(ranks), members(ranks) {}

  /// True where all have left or aborted.
  bool isEmpty() const;
  /// Lets go of the members, who refer to it, and of what they left undone.
  void forget();
};

/// Bytes of an element; 0 for a type that is not emulated.
size_t elementBytes(int type);
/// Where a call reads and writes, in bytes.
size_t bytesRead(const Call &call, int ranks);
size_t bytesWritten(const Call &call, int ranks);

/// Begins the calls of one rank together; gives what is over when all of them are.
std::shared_ptr<Pending> begin(Member &member, const std::vector<Call> &calls);
/// Carries out a collective of which all ranks have come, in the order of ranks. Under the lock.
void carryOut(const std::vector<Waiting> &calls);
