# What an ordered person reads, whatever the texts of the policy say.
order-by-one-office = This was ordered by two officials of { $office }.
order-by-two-offices = This was ordered by two officials: one of { $first }, one of { $second }.
order-basis-label = On the basis of
order-until-label = The order ends
