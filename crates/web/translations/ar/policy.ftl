# What is wrong with a policy, and the remedy; { $found } and the like are words of the document itself.
policy-fault-syntax = هذا ليس TOML: { $message }. صحّحه ثم يُفحص الباقي.
policy-fault-unknown-field = هذا الحقل غير معروف هنا. المعروف: { $expected }.
policy-fault-missing = هذا ناقص. أضف { $example }.
policy-fault-unexpected = مكتوب { $found } والمتوقع { $expected }.
policy-fault-unknown-word = «{ $found }» ليست كلمة لهذا الحقل. الممكن: { $expected }.
policy-fault-empty = هذا فارغ فلا يتحقق أبدًا. املأه أو احذف الحقل.
policy-fault-twice = { $found } مكتوب مرتين. احذف واحدًا.
policy-fault-impossible-number = { $found } غير ممكن. المتوقع { $expected }.
policy-fault-contradiction = هذه الشروط متناقضة فلا تنطبق القاعدة أبدًا: { $why }
policy-fault-exclusive = { $first } و{ $second } لا يجتمعان. أبقِ واحدًا منهما.
policy-fault-refused = لا يمكن استعمال هذه القيمة: { $why }
policy-fault-green = لا قاعدة تعطي الأخضر: الأخضر ما يبقى حين لا يقيّد الشخصَ شيء. اكتب red أو yellow أو advice.
policy-fault-withdrawal = لا قاعدة تقرأ سحبًا: فهو يسحب السجل الذي يسمّيه فقط. اقرأ نوعًا آخر من الأدلة.
policy-fault-no-end = القاعدة تنتهي من تلقاء نفسها وهذه لا تنتهي. أضف lasts = "14d".
policy-fault-no-end-of-its-own = لا نهاية لـ { $kind } بذاته. اكتب مدة مثل "14d"؛ وكلمة "until" لـ order وforeign_verdict.
policy-fault-beyond-order = الأمر يقيّد بقدر ما يقول توقيعاه تمامًا. اكتب { $expected }.
policy-fault-stricter-than-order = هذا يجعل الأمر الأصفر أحمر. أضف where = {"{"} colour = "red" {"}"}.
policy-fault-ends-as-it-starts = تنتهي القاعدة لحظة بدئها. ابدأها من تاريخ أسبق في الدليل.
policy-fault-hours-from-open-end = يُحسب { $date } الآن ما دام { $kind } مستمرًا فتتحرك الساعات معه. احسب بالأيام، مثل "7d".
policy-fault-needs-level = للإقامة { $date } فقط في قاعدة بشرط على level، مثل where = {"{"} level = "high" {"}"}. وإلا فاكتب arrived أو left.
policy-fault-look-back = قد يؤثر الدليل هنا حتى { $reach } ساعة لكن look_back ({ $look_back }) يغطي { $covers }. اجعل look_back لا يقل عن { $needed }.
policy-fault-missing-text = لا نص بلغة «{ $language }» التي تعد بها languages. أضف { $field }.{ $language }.
policy-fault-unpublished = «{ $language }» ليست في languages. أضفها هناك أو احذف هذا النص.
policy-fault-brace = قوس بلا قرين. ضاعفه حيث يحتاج النص قوسًا.
policy-fault-unknown-placeholder = لا شيء يملأ «{ $found }». الممكن هنا: { $expected }.
policy-fault-may-be-unknown = قد يكون «{ $found }» مجهولًا. أضف شرطًا عليه أو اكتب النص دونه.
policy-fault-duplicate-rule = توجد قاعدة باسم «{ $id }» في السطر { $line }. الأسماء لا تتكرر.
policy-fault-unreachable = القاعدة «{ $earlier }» تفعل هذا تمامًا. احذف هذه.
policy-fault-never-lifts = هذا لا يرفع القيد أبدًا: { $why }
policy-fault-meant = هل تقصد { $nearest }؟

# The editor.
policy-check = افحص
policy-check-good = السياسة سليمة. لم يُقترح شيء بعد.
policy-check-faults = الأخطاء: { $count }
policy-check-texts = النصوص بكل لغة
policy-check-cases = حالات محلولة (TOML) إن وُجدت
policy-check-cases-hint = كل حالة تقول ما يُعرف عن شخص وأي لون يجب أن ينتج. تُجرَّب ولا تُحفظ.
policy-check-hold = الحالات الصحيحة: { $count }
policy-check-fail = الحالات الخاطئة: { $count }. يمكنك اقتراح السياسة مع ذلك.
policy-check-mismatch = في { $at }، { $field }: المتوقع { $expected } والناتج { $found }.
policy-check-cases-wrong = تعذّرت قراءة الحالات.
policy-check-cases-many = الحالات أكثر من أن تُجرَّب هنا. يجرّبها الأمر `healthcode policy test`.
policy-check-foreign = تسمّي السياسة جهة إصدار غير جهة هذا النظام. اجعل issuer منطقته.
policy-check-draft = أُعيد ما كُتب في هذا التبويب من قبل إلى الحقل.
policy-check-waiting = اقتراحات كثيرة تنتظر. احسم أحدها أولًا؛ ويبقى نصك هنا.
