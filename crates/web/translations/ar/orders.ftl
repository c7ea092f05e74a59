order-by-one-office = أصدر هذا الأمر موظفان من { $office }.
order-by-two-offices = أصدر هذا الأمر موظفان: واحد من { $first }، وواحد من { $second }.
order-basis-label = بناءً على
order-until-label = ينتهي الأمر
