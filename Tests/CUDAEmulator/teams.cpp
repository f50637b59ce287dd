// How the calls of ranks meet: what all have come to is carried out for all at once.
#include "teams.h"

#include <cstdio>
#include <cstring>

namespace {
/// Ranks that call differently: NCCL would hang or mix their numbers up.
void disagree(Team &team, const char *what) {
  fprintf(stderr, "emulated NCCL: ranks differ in %s\n", what);
  for (auto &member : team.members)
    if (member) member->error = internalError;
}

void finish(const Waiting &one) {
  if (--one.pending->left == 0) one.member->underWay.erase(one.pending);
}

void meet(Team &team, const Waiting &mine) {
  auto &round = team.rounds[mine.member->next];
  long number = mine.member->next++;
  round.push_back(mine);
  if (!round[0].call.isLike(mine.call)) return disagree(team, "a collective");
  if (int(round.size()) < team.ranks) return;
  std::vector<Waiting> calls(team.ranks);
  for (auto &one : round) calls[one.member->rank] = one;
  team.rounds.erase(number);
  for (auto &one : calls)
    if (one.member->isAborted) return;
  carryOut(calls);
  for (auto &one : calls) finish(one);
}

/// Sends are matched with receives in their order.
void post(Team &team, const Waiting &mine) {
  bool isSend = mine.call.kind == Kind::send;
  int self = mine.member->rank, peer = mine.call.peer;
  auto &mail = team.mail[isSend ? std::pair(self, peer) : std::pair(peer, self)];
  if (mail.empty() || mail.front().call.kind == mine.call.kind) return mail.push_back(mine);
  Waiting other = mail.front();
  mail.pop_front();
  if (other.call.count != mine.call.count || other.call.type != mine.call.type)
    return disagree(team, "a send");
  if (other.member->isAborted) return;
  const Call &send = isSend ? mine.call : other.call, &receive = isSend ? other.call : mine.call;
  memmove(receive.to, send.from, send.count * elementBytes(send.type));
  finish(other);
  finish(mine);
}
}  // namespace

bool Team::isEmpty() const {
  for (auto &member : members)
    if (!member || !(member->hasLeft || member->isAborted)) return false;
  return true;
}

void Team::forget() {
  members.clear();
  rounds.clear();
  mail.clear();
}

std::shared_ptr<Pending> begin(Member &member, const std::vector<Call> &calls) {
  Held held(lock);
  Team &team = *member.team;
  if (member.isAborted || member.device->error) return nullptr;
  for (auto &call : calls) {
    size_t read = bytesRead(call, team.ranks), written = bytesWritten(call, team.ranks);
    if ((read && !isReachable(*member.device, call.from, read)) ||
        (written && !isReachable(*member.device, call.to, written)))
      return member.device->error = illegalAddress, nullptr;
  }
  auto pending = std::make_shared<Pending>();
  pending->left = int(calls.size());
  member.underWay.insert(pending);
  for (auto &call : calls) {
    bool isPaired = call.kind == Kind::send || call.kind == Kind::receive;
    (isPaired ? post : meet)(team, {call, &member, pending});
  }
  changed.notify_all();
  return pending;
}
