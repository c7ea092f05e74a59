# ما يقرؤه من صدر بحقه أمر، أيًا كانت نصوص السياسة.
order-by-one-office = صدر هذا الأمر عن موظفَين في { $office }.
order-by-two-offices = صدر هذا الأمر عن موظفَين: أحدهما في { $first } والآخر في { $second }.
order-basis-label = الأساس القانوني
order-until-label = ينتهي الأمر
order-by-one-office = أصدر هذا الأمر موظفان من { $office }.
order-by-two-offices = أصدر هذا الأمر موظفان: واحد من { $first }، وواحد من { $second }.
order-basis-label = بناءً على
order-until-label = ينتهي الأمر
