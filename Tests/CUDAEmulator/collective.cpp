// NCCL's table: communicators of ranks that are threads of this process, and groups of calls.
#include <array>
#include <cstring>

#include "include/CUDAEmulator.h"
#include "teams.h"

namespace {
using Identity = std::array<char, 128>;
std::map<Identity, std::shared_ptr<Team>> &forming = *new std::map<Identity, std::shared_ptr<Team>>;
std::map<void *, std::shared_ptr<Member>> &members = *new std::map<void *, std::shared_ptr<Member>>;
int created;

/// Calls between the outermost `group_start` and its `group_end`, by communicator.
struct Grouped {
  std::shared_ptr<Member> member;
  void *stream;
  std::vector<Call> calls;
};
thread_local std::vector<Grouped> grouped;
thread_local int depth;

std::shared_ptr<Member> memberOf(void *handle) {
  auto found = members.find(handle);
  return found == members.end() ? nullptr : found->second;
}

int createIdentity(quipu_group_id *id) {
  Held held(lock);
  memset(id->bytes, 0x5a, sizeof id->bytes);
  int number = ++created;
  memcpy(id->bytes, &number, sizeof number);
  return done;
}

std::shared_ptr<Member> enter(const std::shared_ptr<Team> &team, int rank) {
  auto member = std::make_shared<Member>();
  member->team = team;
  member->rank = rank;
  member->device = current;
  members[member.get()] = team->members[rank] = member;
  changed.notify_all();
  return member;
}

int join(void **group, int ranks, quipu_group_id id, int rank) {
  if (standing()) return unhandledError;
  if (ranks < 1 || rank < 0 || rank >= ranks) return invalidArgument;
  if (depth > 0) return invalidUsage;  // not emulated
  Identity identity;
  memcpy(identity.data(), id.bytes, sizeof id.bytes);
  Held held(lock);
  auto &found = forming[identity];
  if (!found) found = std::make_shared<Team>(ranks);
  auto team = found;
  if (team->ranks != ranks || team->members[rank]) return invalidArgument;
  for (auto &other : team->members)
    if (other && other->device == current) return invalidUsage;  // two ranks of one GPU
  *group = enter(team, rank).get();
  auto isWhole = [&] {
    for (auto &member : team->members)
      if (!member) return false;
    return true;
  };
  changed.wait(held, isWhole);
  forming.erase(identity);
  return done;
}

int split(void *handle, int color, int key, void **part, void *) {
  if (standing()) return unhandledError;
  if (color < -1) return invalidArgument;
  Held held(lock);
  auto member = memberOf(handle);
  if (!member || member->isAborted || member->device != current) return invalidArgument;
  Team &team = *member->team;
  int round = team.splits;
  team.splitters[member->rank] = {color, key};
  if (int(team.splitters.size()) == team.ranks) {
    std::map<int, std::map<std::pair<int, int>, int>> colors;  // ranks by colour, key and rank
    for (auto &[rank, wish] : team.splitters) colors[wish.first][{wish.second, rank}] = rank;
    team.parts.clear();
    for (auto &[wanted, ranks] : colors) {
      if (wanted < 0) continue;
      auto made = std::make_shared<Team>(int(ranks.size()));
      int place = 0;
      for (auto &one : ranks) {
        auto entering = std::make_shared<Member>();
        entering->team = made;
        entering->rank = place;
        entering->device = team.members[one.second]->device;
        made->members[place++] = entering;
        team.parts[one.second] = entering;
      }
    }
    team.splitters.clear();
    team.splits++;
    changed.notify_all();
  }
  changed.wait(held, [&] { return team.splits != round || member->isAborted; });
  if (team.splits == round) return internalError;
  auto found = team.parts.find(member->rank);
  *part = nullptr;
  if (found == team.parts.end()) return done;
  *part = found->second.get();
  members[*part] = found->second;
  team.parts.erase(found);
  return done;
}

/// Waits for its stream and, as NCCL within a machine, for the other ranks to leave.
int leave(void *handle) {
  Held held(lock);
  auto member = memberOf(handle);
  if (!member) return invalidArgument;
  changed.wait(held, [&] {
    Stream *stream = streamOf(member->stream);
    return !stream || stream->isIdle();
  });
  member->hasLeft = true;
  members.erase(handle);
  changed.notify_all();
  Team &team = *member->team;
  changed.wait(held, [&] { return team.isEmpty(); });
  team.forget();
  return done;
}

/// Ends what is under way here; other ranks go on waiting until they abort as well.
int abortGroup(void *handle) {
  Held held(lock);
  auto member = memberOf(handle);
  if (!member) return invalidArgument;
  member->isAborted = true;
  for (auto &pending : member->underWay) pending->left = 0;
  member->underWay.clear();
  members.erase(handle);
  if (member->team->isEmpty()) member->team->forget();
  changed.notify_all();
  return done;
}

int asyncError(void *handle, int *code) {
  Held held(lock);
  auto member = memberOf(handle);
  if (!member) return invalidArgument;
  *code = member->error;
  return done;
}

int launch(const Grouped &group) {
  auto work = [=](Device &) { return begin(*group.member, group.calls); };
  return enqueue(group.stream, work) ? unhandledError : done;
}

int ask(void *handle, void *stream, Call call) {
  bool isRooted = call.kind == Kind::broadcast || call.kind == Kind::send ||
                  call.kind == Kind::receive;
  if (elementBytes(call.type) == 0 || isRooted != (call.peer >= 0) || (call.operation != 0 && call.operation != 2))
    return invalidArgument;
  std::shared_ptr<Member> member;
  {
    Held held(lock);
    member = memberOf(handle);
    if (!member || call.peer >= member->team->ranks) return invalidArgument;
    if (member->error) return member->error;
    if (member->stream && member->stream != stream) return invalidUsage;
    member->stream = stream;
    size_t share = call.count * elementBytes(call.type), end = share * member->team->ranks;
    const char *whole = call.kind == Kind::allGather ? call.to : call.from;
    const char *part = call.kind == Kind::allGather ? call.from : call.to;
    bool isShared = call.kind == Kind::allGather || call.kind == Kind::reduceScatter;
    if (isShared && part + share > whole && part < whole + end &&
        part != whole + share * member->rank)
      return invalidArgument;  // neither in place nor apart
  }
  if (depth == 0) return launch({member, stream, {call}});
  for (auto &group : grouped)
    if (group.member == member) return group.calls.push_back(call), done;
  grouped.push_back({member, stream, {call}});
  return done;
}

int endGroup() {
  if (depth == 0) return invalidUsage;
  if (--depth > 0) return done;
  auto all = std::move(grouped);
  grouped.clear();
  for (auto &group : all)
    if (int code = launch(group)) return code;
  return done;
}

const char *bytes(const void *start) { return static_cast<const char *>(start); }
char *bytes(void *start) { return static_cast<char *>(start); }
}  // namespace

void quipu_emulate_broken_link(int device, int code) {
  Held held(lock);
  for (auto &[handle, member] : members)
    if (member->device->ordinal == device) member->error = code;
}

void emulateCollectives(quipu_collective *table) {
  table->version = [](int *version) { return *version = 22809, 0; };
  table->error_text = [](int) { return "an emulated error"; };
  table->create_id = createIdentity;
  table->join = join;
  table->split = split;
  table->leave = leave;
  table->abort = abortGroup;
  table->async_error = asyncError;
  table->group_start = [] { return depth++, 0; };
  table->group_end = endGroup;
  table->all_reduce = [](const void *from, void *to, size_t count, int type, int operation,
                         void *group, void *stream) {
    return ask(group, stream,
               {Kind::allReduce, bytes(from), bytes(to), count, type, operation});
  };
  table->reduce_scatter = [](const void *from, void *to, size_t count, int type, int operation,
                             void *group, void *stream) {
    return ask(group, stream,
               {Kind::reduceScatter, bytes(from), bytes(to), count, type, operation});
  };
  table->all_gather = [](const void *from, void *to, size_t count, int type, void *group,
                         void *stream) {
    return ask(group, stream, {Kind::allGather, bytes(from), bytes(to), count, type});
  };
  table->broadcast = [](const void *from, void *to, size_t count, int type, int root, void *group,
                        void *stream) {
    return ask(group, stream, {Kind::broadcast, bytes(from), bytes(to), count, type, 0, root});
  };
  table->send = [](const void *from, size_t count, int type, int peer, void *group, void *stream) {
    return ask(group, stream, {Kind::send, bytes(from), nullptr, count, type, 0, peer});
  };
  table->receive = [](void *to, size_t count, int type, int peer, void *group, void *stream) {
    return ask(group, stream, {Kind::receive, nullptr, bytes(to), count, type, 0, peer});
  };
}
