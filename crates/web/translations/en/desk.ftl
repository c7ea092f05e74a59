staff-title = Staff
staff-intro = Nobody brings somebody in alone: one proposes, somebody else approves, and the new one comes with an invitation.
staff-waiting = Proposed
staff-members = Who is here
staff-you = you
staff-approve = Approve and invite
staff-invited = Copy this invitation and hand it to them yourself. They choose "I have an invitation" on the sign-in page of the staff and paste it. It works once, for three days.
staff-end = End the account
staff-end-about = { $name } is signed out at once and cannot sign in again. What they did stays in the record.
staff-propose = Propose somebody
staff-propose-intro = They can do nothing before somebody else approves.
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
feed-bad-kinds = This authority may not submit one of the kinds that you ticked.
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
order-whom-hint = The identifier of each person, one in a line
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
order-bad-basis = Please name the law it rests on.
order-bad-form = Please choose a colour and for how long.
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
alarm-key-ends = A key ends soon
alarm-key-ends-count = { $count ->
    [one] In 1 day. See the page on keys.
   *[other] In { $count } days. See the page on keys.
  }
