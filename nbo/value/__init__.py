"""What customers bring in and what they cost, to the cent."""

from nbo.value.change import Change
from nbo.value.channel_profit import channel_profit
from nbo.value.channel_profit_result import ChannelProfit
from nbo.value.cheapest_channel import cheapest_channel
from nbo.value.cheapest_channel_result import CheapestChannel
from nbo.value.concentration import concentration
from nbo.value.concentration_result import Concentration, ShareEstimate
from nbo.value.customer_costs import customer_costs
from nbo.value.customer_costs_result import CustomerCosts
from nbo.value.entered_top_tier import entered_top_tier
from nbo.value.loss_makers import loss_makers
from nbo.value.loss_makers_result import LossMakers
from nbo.value.predicted_value import predicted_value
from nbo.value.profitability import profitability
from nbo.value.profitability_result import Profitability
from nbo.value.referrers import referrers
from nbo.value.referrers_result import Referrers
from nbo.value.satisfaction_chain import satisfaction_chain
from nbo.value.satisfaction_chain_result import SatisfactionChain
from nbo.value.segment_forecast_result import SegmentForecast
from nbo.value.segment_profit import segment_profit
from nbo.value.segment_value import segment_value
from nbo.value.segment_value_forecast import segment_value_forecast
from nbo.value.share_of_wallet import share_of_wallet
from nbo.value.top_tier import TopTierModel
from nbo.value.value_levels import value_levels
from nbo.value.value_levels_result import ValueLevels
from nbo.value.wallet import Wallet
from nbo.value.what_if import what_if
from nbo.value.what_if_result import WhatIf

__all__ = [
    "Change",
    "ChannelProfit",
    "CheapestChannel",
    "Concentration",
    "CustomerCosts",
    "LossMakers",
    "Profitability",
    "Referrers",
    "SatisfactionChain",
    "SegmentForecast",
    "ShareEstimate",
    "TopTierModel",
    "ValueLevels",
    "Wallet",
    "WhatIf",
    "channel_profit",
    "cheapest_channel",
    "concentration",
    "customer_costs",
    "entered_top_tier",
    "loss_makers",
    "predicted_value",
    "profitability",
    "referrers",
    "satisfaction_chain",
    "segment_profit",
    "segment_value",
    "segment_value_forecast",
    "share_of_wallet",
    "value_levels",
    "what_if",
]
