# What the first page of the demonstration says of orders and of registering.
demo-two-title = 5. Let two officers decide
demo-two-text = Dr Lin proposes that somebody stays at home, Dr Zhao approves: nobody does that alone. The person reads the law and whose officers they were. Each signs in with one press, which only this demonstration has.
demo-two-go = Open the orders
demo-two-other = Sign in as the other officer
demo-own-title = 6. Register as yourself
demo-own-text = With any name and number. The code that proves your phone is shown in the terminal.
demo-windows = Each of the three opens a window of its own, and all three are windows of one city. Put them side by side.
demo-days-title = 4. Let days pass
demo-days-text = Every restriction ends by itself. Press until a code that turned has turned back; the windows follow.
demo-days-now = It is { $when } in the city.
demo-days-go = Let a day pass
demo-case-go = Confirm that { $name } is ill
demo-two-propose = { $officer }: propose that { $name } stays at home for a day
demo-two-approve = { $officer }: approve it
demo-order-basis = Epidemic Act of the made-up city, article 39
demo-approve-reason = Seen and agreed.
