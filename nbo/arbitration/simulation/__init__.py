"""What rules, levers and limits would lead to, in expectation: nothing is drawn, learnt or recorded."""
