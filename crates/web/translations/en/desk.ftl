staff-title = Staff
staff-intro = Nobody brings somebody in alone, or ends the account of one who lets others in: one proposes, somebody else approves. The new one needs a half of the invitation from each of the two.
staff-waiting = Proposed
staff-members = Who is here
staff-you = you
staff-approve = Approve and show my half
staff-invited = This is your half of the invitation. Hand it to them yourself; whoever proposed them has the other half. They choose "I have an invitation" on the sign-in page of the staff. Both halves together work once, for three days.
staff-end = End the account
staff-end-about = { $name } is signed out at once and cannot sign in again. What they did stays in the record.
staff-propose = Propose somebody
staff-propose-intro = They can do nothing before somebody else approves. You get one half of the invitation.
staff-name = Name
staff-name-hint = As colleagues will read it
staff-authority = Authority
staff-roles = What they are there to do
staff-regions = Regions
staff-regions-hint = Codes with spaces between them, within your own. Leave it empty for the authority's region.
staff-bad-name = Please give a name of at most 100 characters.
staff-bad-roles = Please tick at least one role.
staff-bad-regions = Please give codes of regions within your own, like 330106.
role-community_worker = Community worker
role-health_officer = Health officer
role-tracer = Tracer
role-policy_author = Policy author
role-approver = Approver
role-auditor = Auditor
role-venue_owner = Venue owner
role-checkpoint_lead = Checkpoint lead
role-administrator = Administrator
shown-once = It is shown only now. Whoever has it can use it, so show it to nobody else.
step-up-intro = It is more than five minutes ago that you showed your passkey. Show it again to make changes here; you come back to this page.
step-up-go = Show my passkey again
step-up-here = To go on here you show your passkey again. It opens in another tab. Then come back to this one and press again: nothing that you typed is lost.
step-up-first = Nothing was done yet: this needs your passkey again. Show it in another tab, then come back and press again.
two-persons-own = You proposed this, so somebody else must approve it. You can take it back.
two-persons-take-back = Take it back
two-persons-reason-hint = It stays in the record with your name.
feeds-title = Feeds
feeds-intro = A feed is a machine, of a laboratory for example. It can submit evidence of some kinds, and nothing else, until it ends.
feeds-none = There is no feed yet.
feed-lasts = Until { $until } · { $rate } requests a minute
feed-change = Renew or end
feed-renew = Give it a new token
feed-renew-about = The token before goes on for a day, so that nothing stops while you change it.
feed-end = End it now
feed-end-about = The machine is refused at once.
feed-make = Make a feed
feed-name = Name
feed-name-hint = For example the machine's name and where it stands
feed-kinds = What it may submit
feed-kinds-hint = Tick none for all that the authority may submit.
feed-rate = Requests a minute, at most
feed-days = Days until it ends, at most 366
feed-token = This is the feed's token. Put it into the machine, and nowhere else.
feed-token-renewed = This is the feed's new token. Put it into the machine within a day; then the token before ends.
feed-token-approved = This is the feed's token. Hand it to the office whose machine it is, and to nobody else.
feed-renews = it is to get another token
feed-approve = Approve and show the token
feed-of-another = A machine of your own office is there at once. One of another office waits until somebody else approves it.
feed-too-many-waiting = As much as may waits for a second person already. Please have something approved or rejected first.
feed-bad-kinds = This authority may not submit one of the kinds that you ticked.
feed-bad-name = Please give a name of at most 100 characters that no other machine of the office has. If its token was lost, give it another one below.
feed-bad-days = Please give a number of days from 1 to 366.
feed-bad-rate = Please give a number of requests from 1 to 100,000.
kind-declaration = Declarations
kind-diagnosis = Diagnoses
kind-contact = Contacts
kind-stay = Stays
kind-test = Tests
kind-vaccination = Vaccinations
kind-visit = Visits
kind-contradiction = Contradictions
kind-foreign_verdict = Verdicts from elsewhere
kind-order = Orders
orders-title = Orders
orders-intro = An order restricts people directly, for 72 hours at most. One officer proposes it, somebody else approves it. Everybody concerned reads who, why and until when.
orders-none = There is no order.
order-title = { $count ->
    [one] { $colour } for 1 person
   *[other] { $colour } for { $count } people
  }
order-lasts = From { $from } until { $until }
order-waiting = Waiting for a second person
order-people = Identifiers
order-approve = Approve the order
order-propose = Propose an order
order-whom = Whom
order-whom-hint = One in a line: the identifier of the person, or kind and number of their document, for example 20/E12345678 for a passport. An order on a document holds for whoever is proven to hold it.
order-colour = Colour
order-how-long = For how long
order-how-long-hint = From the moment you propose it
order-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
  }
order-basis = Legal basis
order-basis-hint = The law and the article. The people concerned read it.
order-nobody = Please give the identifier of at least one person.
order-unknown-person = Somebody on the list is not known. Check the identifiers: 32 letters and digits each.
order-too-many = These are more people than one order may hold, or than your authority may restrict today.
form-sent-before = This form was sent before with something else. See what became of that, then send this one if you want it too.
order-bad-basis = Please name the law it rests on.
order-bad-form = Please choose a colour and for how long.
order-too-many-waiting = As many proposals of your authority wait as may. Have one of them decided first.
order-over = This order would be over already. Propose one that ends later.
batches-title = Above the limit
batches-intro = Nobody restricts many people alone. What would do so waits here until somebody else has looked at it: submissions, and the contacts of a case. It restricts nobody before.
batches-none = Nothing is above the limit.
batch-title = { $count ->
    [one] Restricts 1 person
   *[other] Restricts { $count } people
  }
batch-about = Evidence submitted: { $pieces }. People in it: { $people }. Kinds: { $kinds }.
batch-trace-about = Contacts of a case that the search found: { $pieces }. People in it: { $people }.
batch-by = From { $name }, { $at }
batch-own = You answer for this, so somebody else must approve it. You can take it back.
batch-needs-two = A machine sent this, or the case came from one. Two people must look at it: the first answers for it, the second approves.
batch-answer-for = I have looked at it and answer for it
batch-answered = Somebody else answers for this already, or it was decided. What you pressed changed nothing. If you approve it now, you are the second person.
batch-approve = Approve: restrict these people
waiting-title = Waiting for a tracer
waiting-intro = What becomes known after a case is confirmed could be made up. Talk to the person, then take it in or refuse it. Until then nobody is searched for through it.
waiting-none = Nothing waits.
waiting-about = { $visits ->
    [one] 1 visit
   *[other] { $visits } visits
  }, { $groups ->
    [one] 1 group
   *[other] { $groups } groups
  }
waiting-open = Look at it
waiting-open-case = Look at what waits of { $person }
waiting-case-title = What waits of a case
waiting-case-intro = Ask the person whether this is true. If part of it is wrong, refuse it, and have whoever sent it send what is right.
waiting-changed = Something came in while you looked at this. Nothing was decided. Please look at all of it.
waiting-decided = Nothing waits here any more: it was decided a moment before, by somebody else or by you. What you pressed changed nothing.
waiting-case-none = Nothing waits of this case.
waiting-visits = Visits from the phone
waiting-visit = { $venue }, from { $from } until { $until }
waiting-visit-open = { $venue }, from { $from }, no end
waiting-groups = Groups
waiting-groups-names = Nobody can ask who is in a group. Ask the office that listed it.
waiting-group = { $kind }: { $people ->
    [one] 1 person
   *[other] { $people } people
  }, listed by { $by }, found { $since }
waiting-household = Household
waiting-building = Building
waiting-vehicle = Vehicle
waiting-take-in = It is true: search through it
waiting-refuse = Refuse it
staff-proposed = This is your half of the invitation. Hand it to them yourself. Whoever approves them gets the other half.
staff-half-renewed = This is your new half of the invitation. The one before works no more. Hand it to them yourself.
staff-half-over = This half cannot be renewed: the invitation was used, rejected or is too old. Propose them again if need be.
staff-half-renew = Give me a new half
staff-half-renew-about = Approved, and not here yet. If your half of the invitation was lost, take a new one: the one before then works no more.
staff-invited-title = Invited
staff-leaves = the account is to end
staff-approve-end = Approve and end the account
staff-end-two = { $name } lets others in, so somebody else must approve this. Until then nothing changes.
staff-end-propose = Propose to end the account
staff-own-end = Somebody else decides whether your account ends.
staff-same-name = Somebody of this authority has this name already, or one that looks the same. Please add what tells the two apart.
feed-key = Public key
feed-key-hint = Only if the machine signs its requests: its Ed25519 public key in base64. Requests without a signature are then refused.
feed-bad-key = Please give an Ed25519 public key: its 32 bytes in base64, 44 characters. Or leave it empty.
alarms-title = Alarms
alarms-intro = What happens here is still held by its limits. Look at it, do what is needed, then say that you have seen it.
alarms-none = There is nothing to look at.
alarm-acknowledge = I have seen it
alarm-raised = Since { $when }
alarm-seen = Seen { $when }
alarm-batch-held = A submission waits for a second person
alarm-batch-held-count = { $count ->
    [one] It would restrict 1 person.
   *[other] It would restrict { $count } people.
  }
alarm-cap-near = An authority comes near what it may do in a day
alarm-cap-near-count = { $count ->
    [one] It did 1 today.
   *[other] It did { $count } today.
  }
alarm-sign-ins-fail = Somebody fails to sign in as staff
alarm-sign-ins-fail-count = { $count ->
    [one] 1 wrong attempt from one address within an hour.
   *[other] { $count } wrong attempts from one address within an hour.
  }
alarm-rate-bites = Requests come too often
alarm-rate-bites-count = { $count ->
    [one] 1 was refused since this server started.
   *[other] { $count } were refused since this server started.
  }
alarm-looks-many = Somebody looks at far more people than is normal at their office
alarm-looks-many-count = { $count ->
        [one] at one person on a day
       *[other] at { $count } people on a day
    }
alarm-key-ends = A key ends soon
alarm-key-ends-count = { $count ->
    [one] In 1 day. See the page on keys.
   *[other] In { $count } days. See the page on keys.
  }
staff-too-many-waiting = As many people as may are proposed already and wait. Please have one of them approved or rejected first.

take-back-title = Take back what was recorded
take-back-about = It counts no more from now on. What was found because of it, as the contacts of a case, is taken back as well, and codes follow. It cannot be undone: what was right is recorded again.
take-back-reason = What was wrong
take-back-reason-hint = It stays in the log with your name. One line of at most 100 characters; name no person.
take-back-go = Take it back
take-back-done = Taken back. It counts no more; what was found because of it follows within a minute.
take-back-no-reason = Please say what was wrong, in one line of at most 100 characters.
take-back-not-yours = Another office recorded this, and it lies outside your regions. Ask that office.
take-back-not = This is a withdrawal itself. Record again what was right.
take-back-link = Take back
take-back-case = This case was entered by mistake: take it back
