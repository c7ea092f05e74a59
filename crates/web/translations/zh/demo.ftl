# 演示首页上关于命令和登记的文字。
demo-two-title = 5. 两个人才能决定
demo-two-text = 林医生提出让某人居家，赵医生批准：谁也不能单独决定。本人能看到法律依据和是哪个部门的人。两位都按一下就能登录，只有演示才这样。
demo-two-go = 打开命令
demo-two-other = 以另一位工作人员登录
demo-own-title = 6. 自己登记
demo-own-text = 姓名和号码随便填。证明手机的验证码显示在终端里。
demo-windows = 这三处各开一个窗口，都是同一座城市的窗口。可以并排摆放。
demo-days-title = 4. 让日子过去
demo-days-text = 每个限制都会自己结束。一直按，直到变了的码又变回来；各个窗口会跟着变。
demo-days-now = 城里现在是{ $when }。
demo-days-go = 过一天
demo-case-go = 确认{ $name }患病
demo-two-propose = { $officer }：提出让{ $name }居家一天
demo-two-approve = { $officer }：批准
demo-order-basis = 虚构城市《防疫法》第39条
demo-approve-reason = 已看过，同意。
