# ما يقرؤه من صدر بحقه أمر، أيًا كانت نصوص السياسة.
order-by-one-office = صدر هذا الأمر عن موظفَين في { $office }.
order-by-two-offices = صدر هذا الأمر عن موظفَين: أحدهما في { $first } والآخر في { $second }.
order-basis-label = الأساس القانوني
order-until-label = ينتهي الأمر
