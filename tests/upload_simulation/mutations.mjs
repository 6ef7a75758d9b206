// Mistakes that the simulation must find: `npm run mutations` makes them one at a time in a copy of the sources.
// `find` stands once in src/ (space counts as any space); `property` is what the mistake breaks.
export const MUTATIONS = [
  {
    property: "answers to attempts that are over are dropped",
    find: "position(|flight| flight.attempt == attempt)?",
    replace: "position(|_| true)?",
  },
  {
    property: "answers to readings that are over are dropped",
    find: "position(|reading| reading.number == number)",
    replace: "position(|_| true)",
  },
  {
    property: "signatures in stock are dropped with the one that S3 refused",
    find: "Verdict::Resign if !self.resigned || attempt <= parts.counted => { parts.send_again(part); parts.drop_ready();",
    replace: "Verdict::Resign if !self.resigned || attempt <= parts.counted => { parts.send_again(part);",
  },
  {
    property: "a refused signature is replaced",
    find: "Verdict::Resign if !self.resigned => {",
    replace: "Verdict::Resign if false => {",
  },
  {
    property: "a success between two refusals lets it go on",
    find: "self.resigned = false; self.reach(tries::CREATED, cx);",
    replace: "self.reach(tries::CREATED, cx);",
  },
  {
    property: "a grant that expired in mid-way is renewed",
    find: "parts.renew |= expired;",
    replace: "let _ = (expired, parts);",
  },
  {
    property: "forms that nothing shows to have arrived go by PUT",
    find: "if error.code() == error::UNVERIFIED && finish.granted.plan == Plan::Post",
    replace: "if error.code() == error::UNVERIFIED && finish.granted.plan == Plan::Put",
  },
  {
    property: "what nothing shows to have arrived is not done",
    find: "&& object.crc64nvme.is_none()",
    replace: "&& object.crc64nvme.is_none() && false",
  },
  {
    property: "parts that nothing will show are not sent after the first",
    find: "let asks = parts.is_unchecked() && cx.server.keeps_crc != Some(true);",
    replace: "let asks = false;",
  },
  {
    property: "checksums that CORS hides are found in the list",
    find: "if after == 0 { self.unchecked = false;",
    replace: "if after == 0 {",
  },
  {
    property: "every attempt has a fresh signature",
    find: "let Some(Ready { part, request, .. }) = parts.ready.pop_front() else { return false };",
    replace:
      "let Some(Ready { part, request, usable_until }) = parts.ready.pop_front() else { return false };" +
      "if self.attempts % 8 == 3 { parts.ready.push_back(Ready { part, request: request.clone(), usable_until }); }",
  },
  {
    property: "nothing is sent after its expiry",
    find: "pop_front_if(|ready| now >= ready.usable_until)",
    replace: "pop_front_if(|ready| false && now >= ready.usable_until)",
  },
  {
    property: "no more requests under way than connections",
    find: "busy < self.limit && under_way < connections",
    replace: "busy < self.limit && under_way <= connections",
  },
  {
    property: "a pause starts nothing",
    find: "self.phase = Phase::Paused(step);",
    replace: "self.phase = Phase::next(step);",
  },
  {
    property: "a pause ends the readings under way",
    find: "cx.actions.push_back(Action::CancelHash { hash: HashId { upload, number } });",
    replace: "let _ = HashId { upload, number };",
  },
  {
    property: "a silent connection is given up",
    find: "return now.after(config.stall_ms);",
    replace: "return now.after(config.stall_ms << 40);",
  },
  {
    property: "progress never passes the size",
    find: "sent.min(length).saturating_sub(flight.sent)",
    replace: "sent.saturating_sub(flight.sent)",
  },
  {
    property: "having no network costs no tries",
    find: "if !cx.online && is_silence(&error) { self.phase",
    replace: "if false { self.phase",
  },
  {
    property: "an endpoint that takes fewer intents is asked for fewer",
    find: "*intents /= 2; return true;",
    replace: "return false;",
  },
  {
    property: "failing at the same place ends",
    find: "} else if self.take_try(&error, wait, cx) { let until",
    replace: "} else if self.take_try(&error, wait, cx) || true { let until",
  },
  {
    property: "beginning again ends too",
    find: "if matches!(&step, Step::Call(CallStep::Delete { then: Then::Recreate { .. }, .. }))",
    replace: "if false && matches!(&step, Step::Call(CallStep::Delete { then: Then::Recreate { .. }, .. }))",
  },
  {
    property: "Complete lists the parts in ascending order",
    find: "self.table.iter().map(completed).collect()",
    replace: "self.table.iter().rev().map(completed).collect()",
  },
  {
    property: "the checksum of the whole is that of its parts",
    find: "crc64nvme::combine(so_far, crc, length)",
    replace: "crc64nvme::combine(crc, so_far, length)",
  },
  {
    property: "after a Complete whose answer was lost, S3 is looked at before anything begins again",
    find: "(error::NO_SUCH_UPLOAD, What::List { .. } | What::Complete) => {",
    replace:
      "(error::NO_SUCH_UPLOAD, What::List { .. } | What::Complete) => {" +
      "if true { return self.go_on_or_fail(Step::sign(granted, What::Create), error); }",
  },
  {
    property: "412 may be one's own object",
    find: "412 => return Verdict::MayBeStored,",
    replace: "412 => return Verdict::Refuse,",
  },
  {
    property: "a Create whose answer was lost leaves nothing",
    find: "What::Create => return self.recreate(granted),",
    replace: "What::Create => false,",
  },
  {
    property: "an abort leaves nothing at S3",
    find: "filter(|granted| granted.may_be_stored.is_some())",
    replace: "filter(|_| false)",
  },
  {
    property: "a deletion waits for what is still on its way",
    find: "if !matches!(what, What::List { .. }) { granted.stored_by(cx.now.after(cx.config.settle_ms));",
    replace: "if !matches!(what, What::List { .. }) { granted.stored_by(cx.now);",
  },
  {
    property: "what is left behind is named",
    find: "cx.notices.push_back(Notice::LeftBehind { upload: self.id, bucket, key });",
    replace: "let _ = (bucket, key);",
  },
  {
    property: "a stored part is saved at once",
    find: "if cx.config.snapshots { let saved = Saved::Part",
    replace: "if false { let saved = Saved::Part",
  },
  {
    property: "an upload is saved before its parts are sent",
    find: "self.reach(tries::CREATED, cx); self.save(&granted, cx);",
    replace: "self.reach(tries::CREATED, cx);",
  },
  {
    property: "what is done is not kept",
    find: "None => { self.forget(cx); cx.server",
    replace: "None => { cx.server",
  },
  {
    property: "S3 is asked what it has before a saved upload goes on",
    find: "if known { Step::renew(granted, What::List { after: 0 }) }",
    replace: "if known { Step::Transfer(granted.into()) }",
  },
  {
    property: "what S3 lists is compared with what was recorded",
    find: "part.listed = listed.size == length && kept && agree;",
    replace: "part.listed = true;",
  },
  {
    property: "all pages of a list are read before anything is sent again",
    find: "if page.next.is_none() { self.compared(); }",
    replace: "if after == 0 { self.compared(); }",
  },
  {
    property: "parts stored before a reload are read again",
    find: "self.unverified.push_back(number);",
    replace: "let _ = number;",
  },
  {
    property: "a changed file is found by its parts",
    find: "Ok(digest) if digest == parts.digest(part) => {",
    replace: "Ok(_) if true => {",
  },
  {
    property: "a changed file is found by its digest",
    find: "(Ok(digest), Some(granted)) if digest == granted.digest =>",
    replace: "(Ok(_), Some(granted)) if true =>",
  },
  {
    property: "many parts are signed in few calls",
    find: "FEWEST.get(calls).copied()",
    replace: "FEWEST.get(calls).map(|_| 1)",
  },
  {
    property: "a huge file does not hold up small ones",
    find: "urgency | (held as u64) << 40 | turn;",
    replace: "urgency | (held & 0) as u64 | (turn & 0);",
  },
  {
    property: "what is urgent goes first",
    find: "let urgency = (self.file.priority as u64) << 56;",
    replace: "let urgency = 0_u64 << 56;",
  },
  {
    property: "chunks that were dropped are hashed again before they are signed",
    find: "let known = part.etag.is_none() || self.chunk_size.is_none();",
    replace: "let known = true;",
  },
  {
    property: "what was computed of chunks is not taken for the file's digest",
    find: "Some(_) => Digest { sha256: None, crc64nvme: None },",
    replace: "Some(_) => self.digest,",
  },
];
